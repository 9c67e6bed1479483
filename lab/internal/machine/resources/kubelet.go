package resources

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

// kubelet are the kubelet's settings: as configured, and as the kubelet gets them.
func (n Node) kubelet() ([]resource.Resource, error) {
	from := n.Config.Machine().Kubelet()

	dns := from.ClusterDNS()
	if len(dns) == 0 {
		addresses, err := n.Config.Cluster().Network().DNSServiceIPs()
		if err != nil {
			return nil, fmt.Errorf("DNS service addresses: %w", err)
		}

		for _, address := range addresses {
			dns = append(dns, netip.Addr.String(address))
		}
	}

	configured := k8s.NewKubeletConfig(k8s.NamespaceName, k8s.KubeletID)
	*configured.TypedSpec() = k8s.KubeletConfigSpec{
		Image:                         from.Image(),
		ClusterDNS:                    dns,
		ClusterDomain:                 n.Config.Cluster().Network().DNSDomain(),
		ExtraArgs:                     extraArgs(from.ExtraArgs()),
		ExtraMounts:                   from.ExtraMounts(),
		ExtraConfig:                   from.ExtraConfig(),
		CloudProviderExternal:         n.Config.Cluster().ExternalCloudProvider().Enabled(),
		DefaultRuntimeSeccompEnabled:  from.DefaultRuntimeSeccompProfileEnabled(),
		SkipNodeRegistration:          from.SkipNodeRegistration(),
		DisableManifestsDirectory:     from.DisableManifestsDirectory(),
		EnableFSQuotaMonitoring:       n.Config.Machine().Features().DiskQuotaSupportEnabled(),
		CredentialProviderConfig:      from.CredentialProviderConfig(),
		AllowSchedulingOnControlPlane: n.Config.Cluster().ScheduleOnControlPlanes(),
	}

	spec := k8s.NewKubeletSpec(k8s.NamespaceName, k8s.KubeletID)
	*spec.TypedSpec() = k8s.KubeletSpecSpec{
		Image:                    from.Image(),
		Args:                     n.kubeletArgs(from.ExtraArgs()),
		ExtraMounts:              from.ExtraMounts(),
		ExpectedNodename:         n.Nodename,
		Config:                   n.kubeletConfiguration(configured.TypedSpec()),
		CredentialProviderConfig: from.CredentialProviderConfig(),
	}

	return []resource.Resource{configured, spec}, nil
}

func (n Node) kubeletArgs(extra map[string][]string) []string {
	args := map[string][]string{
		"config":               {"/etc/kubernetes/kubelet.yaml"},
		"cert-dir":             {constants.KubeletPKIDir},
		"hostname-override":    {n.Nodename},
		"bootstrap-kubeconfig": {constants.KubeletBootstrapKubeconfig},
		"kubeconfig":           {constants.KubeletKubeconfig},
		"node-ip":              {n.Address.String()},
	}

	if cloudProvider(n.Config) != "" {
		args["cloud-provider"] = []string{cloudProvider(n.Config)}
	}

	maps.Copy(args, extra)

	var flags []string

	for _, name := range slices.Sorted(maps.Keys(args)) {
		flags = append(flags, "--"+name+"="+strings.Join(args[name], ","))
	}

	return flags
}

// kubeletConfiguration is Talos's KubeletConfiguration: extraConfig over its defaults,
// except for the fields that Talos keeps to itself (validation refuses those).
func (n Node) kubeletConfiguration(configured *k8s.KubeletConfigSpec) map[string]any {
	reserved := constants.KubeletSystemReservedMemoryWorker
	if n.Config.Machine().Type().IsControlPlane() {
		reserved = constants.KubeletSystemReservedMemoryControlPlane
	}

	dns := make([]any, len(configured.ClusterDNS))
	for i, address := range configured.ClusterDNS {
		dns[i] = address
	}

	merged := map[string]any{
		"address":                         "0.0.0.0",
		"oomScoreAdj":                     int64(constants.KubeletOOMScoreAdj),
		"clusterDomain":                   configured.ClusterDomain,
		"clusterDNS":                      dns,
		"serializeImagePulls":             false,
		"failSwapOn":                      false,
		"shutdownGracePeriod":             constants.KubeletShutdownGracePeriod.String(),
		"shutdownGracePeriodCriticalPods": constants.KubeletShutdownGracePeriodCriticalPods.String(),
		"streamingConnectionIdleTimeout":  "5m0s",
		"tlsMinVersion":                   "VersionTLS13",
		"logging":                         map[string]any{"format": "json"},
		"systemReserved": map[string]any{
			"cpu":               constants.KubeletSystemReservedCPU,
			"pid":               constants.KubeletSystemReservedPid,
			"ephemeral-storage": constants.KubeletSystemReservedEphemeralStorage,
			"memory":            reserved,
		},
	}

	maps.Copy(merged, configured.ExtraConfig)

	fixed := map[string]any{
		"apiVersion":               "kubelet.config.k8s.io/v1beta1",
		"kind":                     "KubeletConfiguration",
		"port":                     int64(constants.KubeletPort),
		"authentication":           map[string]any{"x509": map[string]any{"clientCAFile": constants.KubernetesCACert}, "webhook": map[string]any{"enabled": true}, "anonymous": map[string]any{"enabled": false}},
		"authorization":            map[string]any{"mode": "Webhook"},
		"rotateCertificates":       true,
		"protectKernelDefaults":    true,
		"containerRuntimeEndpoint": "unix://" + constants.CRIContainerdAddress,
		"resolvConf":               constants.PodResolvConfPath,
	}
	if !configured.DisableManifestsDirectory {
		fixed["staticPodPath"] = constants.ManifestsDirectory
	}

	if configured.DefaultRuntimeSeccompEnabled {
		fixed["seccompDefault"] = true
	}

	maps.Copy(merged, fixed)

	return merged
}
