package endpoint

import (
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/config/config"

	"phoebe.dev/lab/internal/addresses"
)

// virtualIPs are the addresses that Talos would hold on one node of the control plane at a time,
// by this machine config, moved as the lab moves addresses.
func virtualIPs(cfg config.Config) []netip.Addr {
	var ips []netip.Addr

	for _, document := range cfg.NetworkVirtualIPConfigs() {
		ips = append(ips, addresses.Move(document.VIP()))
	}

	for _, device := range cfg.Machine().Network().Devices() {
		configs := []config.VIPConfig{device.VIPConfig()}
		for _, vlan := range device.Vlans() {
			configs = append(configs, vlan.VIPConfig())
		}

		for _, vip := range configs {
			if vip == nil {
				continue
			}

			if ip, err := netip.ParseAddr(vip.IP()); err == nil { // Talos's validation names one that is none
				ips = append(ips, addresses.Move(ip))
			}
		}
	}

	return ips
}
