package resources

import (
	"fmt"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/kubelet"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
)

// quotaGate lets the kubelet watch quotas, where Talos has them on.
const quotaGate = "LocalStorageCapacityIsolationFSQuotaMonitoring"

// kubeletConfiguration is Talos's KubeletConfiguration: extraConfig, Talos's defaults
// where it says nothing, and the fields that Talos keeps to itself.
func kubeletConfiguration(from *k8s.KubeletConfigSpec, machineType machine.Type) (map[string]any, error) {
	for _, field := range kubelet.ProtectedConfigurationFields {
		if _, exists := from.ExtraConfig[field]; exists {
			return nil, fmt.Errorf("machine.kubelet.extraConfig: field %q can't be overridden", field)
		}
	}

	var c kubeletv1beta1.KubeletConfiguration
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(from.ExtraConfig, &c, true); err != nil {
		return nil, fmt.Errorf("machine.kubelet.extraConfig: %w", err)
	}

	fix(&c, from)
	registration(&c, from, machineType)
	fillIn(&c, from, machineType)

	return runtime.DefaultUnstructuredConverter.ToUnstructured(&c)
}

// fix sets what a config cannot change.
func fix(c *kubeletv1beta1.KubeletConfiguration, from *k8s.KubeletConfigSpec) {
	c.TypeMeta = metav1.TypeMeta{APIVersion: kubeletv1beta1.SchemeGroupVersion.String(), Kind: "KubeletConfiguration"}

	if !from.DisableManifestsDirectory {
		c.StaticPodPath = constants.ManifestsDirectory
	}

	c.Port = constants.KubeletPort
	c.Authentication.X509.ClientCAFile = constants.KubernetesCACert
	c.Authentication.Webhook.Enabled = new(true)
	c.Authentication.Anonymous.Enabled = new(false)
	c.Authorization.Mode = kubeletv1beta1.KubeletAuthorizationModeWebhook
	c.CgroupRoot = "/"
	c.SystemCgroups = constants.CgroupSystem
	c.KubeletCgroups = constants.CgroupKubelet
	c.RotateCertificates = true
	c.ProtectKernelDefaults = true
	c.ContainerRuntimeEndpoint = "unix://" + constants.CRIContainerdAddress
	c.ResolverConfig = new(constants.PodResolvConfPath)

	if from.DefaultRuntimeSeccompEnabled {
		c.SeccompDefault = new(true)
	}

	if _, overridden := c.FeatureGates[quotaGate]; from.EnableFSQuotaMonitoring && !overridden {
		if c.FeatureGates == nil {
			c.FeatureGates = map[string]bool{}
		}

		c.FeatureGates[quotaGate] = true
	}
}

// registration is how the node makes itself known, if it does.
func registration(c *kubeletv1beta1.KubeletConfiguration, from *k8s.KubeletConfigSpec, machineType machine.Type) {
	tainted := slices.ContainsFunc(c.RegisterWithTaints, func(t corev1.Taint) bool { return t.Key == constants.LabelNodeRoleControlPlane })

	switch {
	case from.SkipNodeRegistration:
		c.Authentication.Webhook.Enabled = new(false)
		c.Authorization.Mode = kubeletv1beta1.KubeletAuthorizationModeAlwaysAllow
	case machineType.IsControlPlane() && !from.AllowSchedulingOnControlPlane && !tainted && from.ExtraArgs["register-with-taints"].Values == nil:
		c.RegisterWithTaints = append(c.RegisterWithTaints, corev1.Taint{
			Key: constants.LabelNodeRoleControlPlane, Effect: corev1.TaintEffectNoSchedule,
		})
	}
}

// fillIn sets Talos's defaults.
func fillIn(c *kubeletv1beta1.KubeletConfiguration, from *k8s.KubeletConfigSpec, machineType machine.Type) {
	setDefault(&c.Address, "0.0.0.0")
	setDefault(&c.ClusterDomain, from.ClusterDomain)
	setDefault(&c.Logging.Format, "json")
	setDefault(&c.TLSMinVersion, "VersionTLS13")
	setDefault(&c.OOMScoreAdj, new(int32(constants.KubeletOOMScoreAdj)))
	setDefault(&c.SerializeImagePulls, new(false))
	setDefault(&c.FailSwapOn, new(false))
	setDefault(&c.StreamingConnectionIdleTimeout.Duration, 5*time.Minute)

	if len(c.ClusterDNS) == 0 {
		c.ClusterDNS = from.ClusterDNS
	}

	if len(c.SystemReserved) == 0 {
		memory := constants.KubeletSystemReservedMemoryWorker
		if machineType.IsControlPlane() {
			memory = constants.KubeletSystemReservedMemoryControlPlane
		}

		c.SystemReserved = map[string]string{
			"cpu":               constants.KubeletSystemReservedCPU,
			"pid":               constants.KubeletSystemReservedPid,
			"ephemeral-storage": constants.KubeletSystemReservedEphemeralStorage,
			"memory":            memory,
		}
	}

	// A configured zero stays.
	if _, set := from.ExtraConfig["shutdownGracePeriod"]; !set {
		c.ShutdownGracePeriod.Duration = constants.KubeletShutdownGracePeriod
	}

	if _, set := from.ExtraConfig["shutdownGracePeriodCriticalPods"]; !set {
		c.ShutdownGracePeriodCriticalPods.Duration = constants.KubeletShutdownGracePeriodCriticalPods
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
