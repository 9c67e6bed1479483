package machine

//lint:file-ignore SA1019 configs may still have the deprecated fields

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configdiff"
	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
)

// canApplyImmediate is the rule of Talos up to 1.13 for what needs a reboot: everything in the
// v1alpha1 document but the fields that are made equal here.
func canApplyImmediate(current, wanted config.Provider) error {
	now, next := current.RawV1Alpha1(), wanted.RawV1Alpha1()
	if now == nil || next == nil {
		return errors.New("the config is not v1alpha1")
	}

	next = next.DeepCopy()
	next.ConfigDebug = now.ConfigDebug
	next.ClusterConfig = now.ClusterConfig

	if next.MachineConfig != nil && now.MachineConfig != nil {
		ignoreLiveFields(next.MachineConfig, now.MachineConfig)
	}

	if reflect.DeepEqual(now, next) {
		return nil
	}

	diff, err := configdiff.DiffConfigs(container.NewV1Alpha1(now), container.NewV1Alpha1(next))
	if err != nil {
		return fmt.Errorf("error calculating diff: %w", err)
	}

	return fmt.Errorf("this config change can't be applied in immediate mode\ndiff:\n%s", diff)
}

// ignoreLiveFields makes equal what Talos applies at once; the deprecated fields count too.
func ignoreLiveFields(next, now *v1alpha1.MachineConfig) {
	next.MachineCA = now.MachineCA
	next.MachineAcceptedCAs = now.MachineAcceptedCAs
	next.MachineTime = now.MachineTime
	next.MachineCertSANs = now.MachineCertSANs
	next.MachineInstall = now.MachineInstall
	next.MachineNetwork = now.MachineNetwork
	next.MachineSysfs = now.MachineSysfs
	next.MachineSysctls = now.MachineSysctls
	next.MachineLogging = now.MachineLogging
	next.MachineControlPlane = now.MachineControlPlane
	next.MachineKubelet = now.MachineKubelet
	next.MachineKernel = now.MachineKernel
	next.MachineRegistries = now.MachineRegistries
	next.MachinePods = now.MachinePods
	next.MachineSeccompProfiles = now.MachineSeccompProfiles
	next.MachineNodeAnnotations = now.MachineNodeAnnotations
	next.MachineNodeLabels = now.MachineNodeLabels
	next.MachineNodeTaints = now.MachineNodeTaints

	if next.MachineFeatures != nil && now.MachineFeatures != nil {
		next.MachineFeatures.KubernetesTalosAPIAccessConfig = now.MachineFeatures.KubernetesTalosAPIAccessConfig
		next.MachineFeatures.KubePrismSupport = now.MachineFeatures.KubePrismSupport
		next.MachineFeatures.HostDNSSupport = now.MachineFeatures.HostDNSSupport
		next.MachineFeatures.ImageCacheSupport = now.MachineFeatures.ImageCacheSupport
		next.MachineFeatures.FeatureNodeAddressSortAlgorithm = now.MachineFeatures.FeatureNodeAddressSortAlgorithm
	}
}
