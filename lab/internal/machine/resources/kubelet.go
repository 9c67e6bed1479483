package resources

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

// kubeletConfig are the kubelet's settings as configured.
func (n Node) kubeletConfig() (*k8s.KubeletConfig, error) {
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

	r := k8s.NewKubeletConfig(k8s.NamespaceName, k8s.KubeletID)
	*r.TypedSpec() = k8s.KubeletConfigSpec{
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

	return r, nil
}

// KubeletSpec is what the kubelet is started with. Its error says that extraConfig is
// no kubelet configuration: Talos then starts no kubelet.
func (n Node) KubeletSpec() (*k8s.KubeletSpec, error) {
	configured, err := n.kubeletConfig()
	if err != nil {
		return nil, err
	}

	configuration, err := kubeletConfiguration(configured.TypedSpec(), n.Config.Machine().Type())
	if err != nil {
		return nil, err
	}

	r := k8s.NewKubeletSpec(k8s.NamespaceName, k8s.KubeletID)
	*r.TypedSpec() = k8s.KubeletSpecSpec{
		Image:                    configured.TypedSpec().Image,
		Args:                     n.kubeletArgs(n.Config.Machine().Kubelet().ExtraArgs()),
		ExtraMounts:              configured.TypedSpec().ExtraMounts,
		ExpectedNodename:         n.Nodename,
		Config:                   configuration,
		CredentialProviderConfig: configured.TypedSpec().CredentialProviderConfig,
	}

	return r, nil
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
