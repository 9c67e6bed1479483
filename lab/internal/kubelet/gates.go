package kubelet

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"golang.org/x/mod/semver"
)

// Feature gates that a minor version of Kubernetes gave up, and that it brought. Source: the gates that
// pkg/features, and the features of apiserver, client-go and component-base, name in 1.35.4 and in 1.36.3, compared.
// Other gates, and what other versions changed, are not judged.
var (
	removedGates = map[string][]string{"v1.36": {
		"CSIMigrationPortworx", "HonorPVReclaimPolicy", "InPlacePodVerticalScalingAllocatedStatus", "InTreePluginPortworxUnregister",
		"MemoryManager", "ServiceTrafficDistribution", "StructuredAuthorizationConfiguration", "TopologyAwareHints",
		"WatchFromStorageWithoutResourceVersion",
	}}
	addedGates = map[string][]string{"v1.36": {
		"AllowServiceExternalIPs", "AtomicFIFO", "CRIListStreaming", "ChangeContainerStatusOnKubeletRestart", "ClientsAllowCARotation",
		"ClientsAllowTLSCacheGC", "ControllerManagerReleaseLeaderElectionLockOnExit", "DRAListTypeAttributes", "DRANodeAllocatableResources",
		"DRAResourceClaimGranularStatusAuthorization", "DRAResourcePoolStatus", "DRAWorkloadResourceClaims", "DeclarativeValidationBeta",
		"ExtendWebSocketsToKubelet", "ImageVolumeWithDigest", "InPlacePodVerticalScalingInitContainers",
		"ManifestBasedAdmissionControlConfig", "NativeHistograms", "PLEGOnDemandRelist", "PersistentVolumeClaimUnusedSinceTime",
		"PodLevelResourceManagers", "PodsAPI", "ResourceHealthStatusMessage", "ServiceCIDRStatusFieldWiping", "ShardedListAndWatch",
		"StaleControllerConsistencyDaemonSet", "StaleControllerConsistencyJob", "StaleControllerConsistencyReplicaSet",
		"StaleControllerConsistencyStatefulSet", "TopologyAwareWorkloadScheduling", "UnlockWhileProcessingFIFO", "WorkloadAwarePreemption",
		"WorkloadWithJob",
	}}
)

// checkGates refuses, in the kubelet's words, gates that its version does not know any more, or not yet.
func checkGates(version string, from config.Kubelet) error {
	var unknown []string

	for _, gate := range gates(from) {
		if !knows(version, gate) {
			unknown = append(unknown, "unrecognized feature gate: "+gate)
		}
	}

	switch len(unknown) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("failed to set feature gates from initial flags-based config: %s", unknown[0])
	default:
		return fmt.Errorf("failed to set feature gates from initial flags-based config: [%s]", strings.Join(unknown, ", "))
	}
}

func knows(version, gate string) bool {
	for minor, removed := range removedGates {
		if slices.Contains(removed, gate) && semver.Compare(semver.MajorMinor(version), minor) >= 0 {
			return false
		}
	}

	for minor, added := range addedGates {
		if slices.Contains(added, gate) && semver.Compare(semver.MajorMinor(version), minor) < 0 {
			return false
		}
	}

	return true
}

// gates are the names of those that a machine config sets, by file or by flag.
func gates(from config.Kubelet) []string {
	names := map[string]bool{}

	if configured, ok := from.ExtraConfig()["featureGates"].(map[string]any); ok {
		for name := range configured {
			names[name] = true
		}
	}

	for _, argument := range from.ExtraArgs()["feature-gates"] {
		for setting := range strings.SplitSeq(argument, ",") {
			if name, _, found := strings.Cut(strings.TrimSpace(setting), "="); found {
				names[name] = true
			}
		}
	}

	return slices.Sorted(maps.Keys(names))
}
