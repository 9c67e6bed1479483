package controlplane

import (
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/config"

	"phoebe.dev/lab/internal/addresses"
)

// Flags whose values hold addresses of the node itself. (Others, such as service ranges, hold
// addresses that are no part of this machine and stay as declared.)
var addressFlags = []string{
	"bind-address", "advertise-address", "listen-metrics-urls", "advertise-client-urls", "initial-advertise-peer-urls",
}

var ipv4 = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+|localhost`)

// localize makes a node's extraArgs true on one machine that is all nodes: every address and
// localhost are the node's own, other addresses move with it, and files lie under its root.
func (n *node) localize(extra map[string][]string, volumes []config.VolumeMount) map[string][]string {
	local := make(map[string][]string, len(extra))

	for key, values := range extra {
		for _, value := range values {
			switch {
			case slices.Contains(addressFlags, key):
				value = ipv4.ReplaceAllStringFunc(value, func(text string) string { return localAddress(text, n.Address) })
			case namesFile(key) && filepath.IsAbs(value):
				value = n.hostPath(value, volumes)
			}

			local[key] = append(local[key], value)
		}
	}

	return local
}

// hostPath is where a file of the machine config lies that a program sees at the given path through its volumes.
func (n *node) hostPath(path string, volumes []config.VolumeMount) string {
	for _, volume := range volumes {
		if rest, ok := strings.CutPrefix(path, strings.TrimSuffix(volume.MountPath(), "/")+"/"); ok || path == volume.MountPath() {
			path = filepath.Join(volume.HostPath(), rest)

			break
		}
	}

	// Cleaned as an absolute path first, so that no ".." leads out of the node.
	return filepath.Join(n.RunDir, "root", filepath.Clean("/"+path))
}

func localAddress(text string, own netip.Addr) string {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsUnspecified() || addr.IsLoopback() && addr != own {
		return own.String()
	}

	return addresses.Move(addr).String()
}

func namesFile(key string) bool {
	return strings.HasSuffix(key, "-file") || strings.HasSuffix(key, "-dir") || strings.HasSuffix(key, "-path") ||
		strings.HasSuffix(key, "-config")
}

// within tells whether the node's address is in one of the subnets of its machine config ("!" excludes one, as in Talos); no subnet allows all.
func within(own netip.Addr, subnets []string) bool {
	allowed, anyIncluded := false, false

	for _, subnet := range subnets {
		text, excluded := strings.CutPrefix(subnet, "!")

		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return false
		}

		contains := movedPrefix(prefix).Contains(own)
		if excluded && contains {
			return false
		}

		anyIncluded = anyIncluded || !excluded
		allowed = allowed || !excluded && contains
	}

	return allowed || !anyIncluded
}

// movedPrefix moves a subnet as addresses move; one wider than the first octet holds all that moved from it.
func movedPrefix(prefix netip.Prefix) netip.Prefix {
	return netip.PrefixFrom(addresses.Move(prefix.Addr()), prefix.Bits()).Masked()
}
