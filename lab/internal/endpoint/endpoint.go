// Package endpoint answers at the cluster's endpoint when the cluster would: for a
// virtual IP with Talos, for an address that the CNI announces once the CNI runs.
package endpoint

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
)

// period is how often it is asked whether the endpoint would answer.
const period = 500 * time.Millisecond

// Backend is a control plane node as the endpoint sees it.
type Backend struct {
	Address netip.Addr
	// Config is nil unless the node is configured and booted.
	Config config.Config
	// APIServing says that the node's API server answers.
	APIServing bool
}

// server is where the node's API server listens.
func (b Backend) server() netip.AddrPort {
	return netip.AddrPortFrom(b.Address, uint16(b.Config.Cluster().LocalAPIServerPort())) //nolint:gosec // validated by the config's loader
}

// Serve answers at the endpoint until ctx ends: not at all where it is a node's own address; while an API server serves
// behind a virtual IP of Talos; otherwise while a CNI runs that could announce the address. It listens only then.
func Serve(ctx context.Context, endpoint netip.AddrPort, backends func() []Backend, output io.Writer) error {
	proxy := &proxy{endpoint: endpoint, output: output}
	defer proxy.close()

	network := newCNI()
	defer network.close()

	ticker := time.NewTicker(period)
	defer ticker.Stop()

	for {
		servers, err := answering(ctx, endpoint.Addr(), backends(), network)
		if err != nil && ctx.Err() == nil {
			fmt.Fprintf(output, "endpoint %s: %s\n", endpoint, err)
		}

		if err := proxy.serve(servers); err != nil {
			return fmt.Errorf("cluster endpoint %s: %w", endpoint, err)
		}

		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// answering lists the API servers behind the endpoint; none when it does not answer. What is unknown does not answer.
func answering(ctx context.Context, endpoint netip.Addr, backends []Backend, network *cni) ([]netip.AddrPort, error) {
	if slices.ContainsFunc(backends, func(b Backend) bool { return b.Address == endpoint }) {
		return nil, nil // the node answers itself
	}

	var serving, holders []Backend

	isVIP := false

	for _, b := range backends {
		if b.Config == nil || b.Config.Machine() == nil || b.Config.Cluster() == nil {
			continue
		}

		holds := slices.Contains(virtualIPs(b.Config), endpoint)
		isVIP = isVIP || holds

		if b.APIServing {
			serving = append(serving, b)

			if holds {
				holders = append(holders, b)
			}
		}
	}

	if isVIP {
		return servers(holders), nil
	}

	running, err := network.runs(ctx, serving)
	if err != nil || !running {
		return nil, err
	}

	return servers(serving), nil
}

func servers(backends []Backend) []netip.AddrPort {
	var list []netip.AddrPort
	for _, b := range backends {
		list = append(list, b.server())
	}

	return list
}
