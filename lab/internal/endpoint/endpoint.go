// Package endpoint answers at the cluster's endpoint when the cluster would: for a
// virtual IP with Talos, for an address that the CNI announces once the CNI runs.
package endpoint

import (
	"context"
	"errors"
	"io"
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
)

// Backend is a control plane node as the endpoint sees it.
type Backend struct {
	Address netip.Addr
	// Config is nil unless the node is configured and booted.
	Config config.Config
	// APIServing says that the node's API server answers.
	APIServing bool
}

// Serve answers at the endpoint until ctx ends.
func Serve(ctx context.Context, endpoint netip.AddrPort, backends func() []Backend, output io.Writer) error {
	return errors.ErrUnsupported
}
