package resources

import (
	"fmt"
	"net/netip"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

// controlPlane are the resources from which Talos makes the static pods.
func controlPlane(cfg config.Config) ([]resource.Resource, error) {
	manifests, err := bootstrapManifests(cfg)
	if err != nil {
		return nil, err
	}

	root, err := kubernetesRoot(cfg)
	if err != nil {
		return nil, err
	}

	return []resource.Resource{
		apiServer(cfg), controllerManager(cfg), scheduler(cfg), admission(cfg), auditPolicy(cfg), authorization(cfg), root,
		manifests, extraManifests(cfg),
	}, nil
}

func apiServer(cfg config.Config) *k8s.APIServerConfig {
	from := cfg.Cluster().APIServer()
	r := k8s.NewAPIServerConfig()
	*r.TypedSpec() = k8s.APIServerConfigSpec{
		Image:                from.Image(),
		CloudProvider:        cloudProvider(cfg),
		ControlPlaneEndpoint: cfg.Cluster().Endpoint().String(),
		EtcdServers:          []string{fmt.Sprintf("https://127.0.0.1:%d", constants.EtcdClientPort)},
		LocalPort:            cfg.Cluster().LocalAPIServerPort(),
		ServiceCIDRs:         cfg.Cluster().Network().ServiceCIDRs(),
		ExtraArgs:            extraArgs(from.ExtraArgs()),
		ExtraVolumes:         volumes(from.ExtraVolumes()),
		EnvironmentVariables: from.Env(),
		AdvertisedAddress:    "$(POD_IP)",
		Resources:            limits(from.Resources()),
	}

	return r
}

func controllerManager(cfg config.Config) *k8s.ControllerManagerConfig {
	from := cfg.Cluster().ControllerManager()
	r := k8s.NewControllerManagerConfig()
	*r.TypedSpec() = k8s.ControllerManagerConfigSpec{
		Enabled:              !cfg.Machine().Controlplane().ControllerManager().Disabled(),
		Image:                from.Image(),
		CloudProvider:        cloudProvider(cfg),
		PodCIDRs:             cfg.Cluster().Network().PodCIDRs(),
		ServiceCIDRs:         cfg.Cluster().Network().ServiceCIDRs(),
		ExtraArgs:            extraArgs(from.ExtraArgs()),
		ExtraVolumes:         volumes(from.ExtraVolumes()),
		EnvironmentVariables: from.Env(),
		Resources:            limits(from.Resources()),
	}

	return r
}

func scheduler(cfg config.Config) *k8s.SchedulerConfig {
	from := cfg.Cluster().Scheduler()
	r := k8s.NewSchedulerConfig()
	*r.TypedSpec() = k8s.SchedulerConfigSpec{
		Enabled:              !cfg.Machine().Controlplane().Scheduler().Disabled(),
		Image:                from.Image(),
		ExtraArgs:            extraArgs(from.ExtraArgs()),
		ExtraVolumes:         volumes(from.ExtraVolumes()),
		EnvironmentVariables: from.Env(),
		Resources:            limits(from.Resources()),
		Config:               from.Config(),
	}

	return r
}

func admission(cfg config.Config) *k8s.AdmissionControlConfig {
	r := k8s.NewAdmissionControlConfig()

	for _, plugin := range cfg.Cluster().APIServer().AdmissionControl() {
		r.TypedSpec().Config = append(r.TypedSpec().Config, k8s.AdmissionPluginSpec{Name: plugin.Name(), Configuration: plugin.Configuration()})
	}

	return r
}

func auditPolicy(cfg config.Config) *k8s.AuditPolicyConfig {
	r := k8s.NewAuditPolicyConfig()
	r.TypedSpec().Config = cfg.Cluster().APIServer().AuditPolicy()

	return r
}

func bootstrapManifests(cfg config.Config) (*k8s.BootstrapManifestsConfig, error) {
	addresses, err := cfg.Cluster().Network().DNSServiceIPs()
	if err != nil {
		return nil, fmt.Errorf("DNS service addresses: %w", err)
	}

	r := k8s.NewBootstrapManifestsConfig()
	*r.TypedSpec() = k8s.BootstrapManifestsConfigSpec{
		Server:         cfg.Cluster().Endpoint().String(),
		ClusterDomain:  cfg.Cluster().Network().DNSDomain(),
		PodCIDRs:       cfg.Cluster().Network().PodCIDRs(),
		ProxyEnabled:   cfg.Cluster().Proxy().Enabled(),
		ProxyImage:     cfg.Cluster().Proxy().Image(),
		CoreDNSEnabled: cfg.Cluster().CoreDNS().Enabled(),
		CoreDNSImage:   cfg.Cluster().CoreDNS().Image(),
		DNSServiceIP:   firstAddress(addresses, netip.Addr.Is4),
		DNSServiceIPv6: firstAddress(addresses, netip.Addr.Is6),
		FlannelEnabled: cfg.Cluster().Network().CNI().Name() == constants.FlannelCNI,
		CNIName:        cfg.Cluster().Network().CNI().Name(),
	}

	return r, nil
}

func firstAddress(addresses []netip.Addr, wanted func(netip.Addr) bool) string {
	for _, address := range addresses {
		if wanted(address) {
			return address.String()
		}
	}

	return ""
}

func extraManifests(cfg config.Config) *k8s.ExtraManifestsConfig {
	r := k8s.NewExtraManifestsConfig()

	for _, url := range cfg.Cluster().ExtraManifestURLs() {
		r.TypedSpec().ExtraManifests = append(r.TypedSpec().ExtraManifests, k8s.ExtraManifest{
			Name: url, URL: url, Priority: "99", ExtraHeaders: cfg.Cluster().ExtraManifestHeaderMap(),
		})
	}

	for _, manifest := range cfg.Cluster().InlineManifests() {
		r.TypedSpec().ExtraManifests = append(r.TypedSpec().ExtraManifests, k8s.ExtraManifest{
			Name: manifest.Name(), Priority: "99", InlineManifest: manifest.Contents(),
		})
	}

	return r
}
