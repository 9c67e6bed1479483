package resources

import (
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

// cloudProvider is the value of --cloud-provider where the config wants an external one.
func cloudProvider(cfg config.Config) string {
	if cfg.Cluster().ExternalCloudProvider().Enabled() {
		return "external"
	}

	return ""
}

func extraArgs(args map[string][]string) map[string]k8s.ArgValues {
	converted := make(map[string]k8s.ArgValues, len(args))
	for name, values := range args {
		converted[name] = k8s.ArgValues{Values: values}
	}

	return converted
}

func volumes(mounts []config.VolumeMount) []k8s.ExtraVolume {
	var converted []k8s.ExtraVolume

	for _, m := range mounts {
		converted = append(converted, k8s.ExtraVolume{Name: m.Name(), HostPath: m.HostPath(), MountPath: m.MountPath(), ReadOnly: m.ReadOnly()})
	}

	return converted
}

func limits(from config.Resources) k8s.Resources {
	converted := k8s.Resources{Requests: map[string]string{"cpu": from.CPURequests(), "memory": from.MemoryRequests()}}

	for name, value := range map[string]string{"cpu": from.CPULimits(), "memory": from.MemoryLimits()} {
		if value == "" {
			continue
		}

		if converted.Limits == nil {
			converted.Limits = map[string]string{}
		}

		converted.Limits[name] = value
	}

	return converted
}
