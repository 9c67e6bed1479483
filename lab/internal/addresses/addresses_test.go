package addresses_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/addresses"
)

func TestMove(t *testing.T) {
	for declared, moved := range map[string]string{
		"10.60.0.10":        "127.60.0.10",
		"192.168.1.101":     "127.168.1.101",
		"127.204.0.3":       "127.204.0.3",
		"::ffff:10.60.0.10": "127.60.0.10",
		"2001:db8::1":       "2001:db8::1",
	} {
		require.Equal(t, moved, addresses.Move(netip.MustParseAddr(declared)).String(), declared)
	}
}

func TestOfPod(t *testing.T) {
	moved := netip.MustParseAddr("127.168.1.101")
	pod := addresses.OfPod(moved)
	require.Equal(t, "10.168.1.101", pod.String())
	require.Equal(t, moved, addresses.Move(pod))
}
