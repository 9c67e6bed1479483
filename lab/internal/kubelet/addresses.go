package kubelet

import (
	"fmt"
	"net/netip"
)

// addresses gives pods IPs of the node's range, each to one pod at a time.
type addresses struct {
	last  netip.Addr
	taken map[string]bool
}

func newAddresses() *addresses { return &addresses{taken: map[string]bool{}} }

func (a *addresses) take(ip string)    { a.taken[ip] = true }
func (a *addresses) release(ip string) { delete(a.taken, ip) }

// next goes through the range in turn, so that an IP is not given again right away. The first address is the node's side.
func (a *addresses) next(cidr string) (string, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return "", fmt.Errorf("the node's podCIDR: %w", err)
	}

	first := prefix.Masked().Addr().Next().Next()
	candidate := a.last

	for range 1 << 16 {
		if candidate = candidate.Next(); !prefix.Contains(candidate) || !prefix.Contains(candidate.Next()) {
			candidate = first
		}

		if ip := candidate.String(); !a.taken[ip] {
			a.last, a.taken[ip] = candidate, true

			return ip, nil
		}
	}

	return "", fmt.Errorf("no address is free in %s", cidr)
}
