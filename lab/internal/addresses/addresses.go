// Package addresses maps declared addresses into 127.0.0.0/8, all of which is this machine.
package addresses

import "net/netip"

// Move swaps the first octet of an IPv4 address for 127: 10.60.0.10 becomes 127.60.0.10. A loopback address stays as it is, and so does an
// IPv6 address, which has no place in 127.0.0.0/8: whoever goes on to use the result asks it IsLoopback.
func Move(addr netip.Addr) netip.Addr {
	addr = addr.Unmap()
	if !addr.Is4() {
		return addr
	}

	octets := addr.As4()
	octets[0] = 127

	return netip.AddrFrom4(octets)
}

// OfPod is how Kubernetes may know a pod that has a moved address: it takes no loopback address for what is behind a Service. 127.60.0.10
// becomes 10.60.0.10, whatever network that came from, and Move brings it back.
func OfPod(moved netip.Addr) netip.Addr {
	octets := moved.As4()
	octets[0] = 10

	return netip.AddrFrom4(octets)
}
