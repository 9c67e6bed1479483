package resources

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/nethelpers"
)

// Hostname is the machine's name by its config: the one that is given, or the one that
// Talos makes of the node's identity or address.
func Hostname(cfg config.Config, nodeID string, address netip.Addr) (hostname, domain string) {
	stated := cfg.NetworkHostnameConfig()
	if stated == nil {
		return addressHostname(address), ""
	}

	if name := stated.Hostname(); name != "" {
		hostname, domain, _ = strings.Cut(name, ".")

		return hostname, domain
	}

	if stated.AutoHostname() == nethelpers.AutoHostnameKindStable {
		sum := sha256.Sum256([]byte(nodeID))
		text := fmt.Sprintf("%013s", new(big.Int).SetBytes(sum[:8]).Text(36))

		return "talos-" + text[1:4] + "-" + text[4:7], ""
	}

	return addressHostname(address), ""
}

func addressHostname(address netip.Addr) string {
	return "talos-" + strings.ReplaceAll(address.String(), ".", "-")
}

// Nodename is the node's name in Kubernetes.
func Nodename(cfg config.Config, hostname, domain string) string {
	if cfg.Machine().Kubelet().RegisterWithFQDN() && domain != "" {
		hostname += "." + domain
	}

	return strings.ToLower(hostname)
}
