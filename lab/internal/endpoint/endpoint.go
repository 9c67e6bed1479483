// Package endpoint answers at the cluster's endpoint when the cluster would: for a
// virtual IP with Talos, for the address of a load balancer once the network runs that plays one.
package endpoint

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/config"

	"phoebe.dev/lab/internal/apiservers"
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
	return netip.AddrPortFrom(b.Address, uint16(b.Config.Cluster().LocalAPIServerPort())) // validated by the config's loader
}

// Serving are the API servers that answer.
func Serving(backends []Backend) []apiservers.Server {
	var serving []apiservers.Server

	for _, b := range backends {
		if b.APIServing && b.isControlPlane() {
			serving = append(serving, apiservers.Server{Address: b.server(), Config: b.Config})
		}
	}

	return serving
}

func (b Backend) isControlPlane() bool {
	return b.Config != nil && b.Config.Machine() != nil && b.Config.Cluster() != nil
}

// Serve answers at the endpoint until ctx ends: not at all where it is a node's own address; while an API server serves
// behind a virtual IP of Talos; otherwise while a CNI runs and a Service of type LoadBalancer, with API servers behind it, was given the
// address. It listens only then.
func Serve(ctx context.Context, endpoint netip.AddrPort, backends func() []Backend, output io.Writer) error {
	proxy := &proxy{endpoint: endpoint, output: output}
	defer proxy.close()

	clients := apiservers.New()
	defer clients.Close()

	ticker := time.NewTicker(period)
	defer ticker.Stop()

	for {
		servers, err := answering(ctx, endpoint, backends(), clients)
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
func answering(ctx context.Context, endpoint netip.AddrPort, backends []Backend, clients *apiservers.Clients) ([]netip.AddrPort, error) {
	if slices.ContainsFunc(backends, func(b Backend) bool { return b.Address == endpoint.Addr() }) {
		return nil, nil // the node answers itself
	}

	holders := slices.DeleteFunc(slices.Clone(backends), func(b Backend) bool {
		return !b.isControlPlane() || !slices.Contains(virtualIPs(b.Config), endpoint.Addr())
	})
	if len(holders) > 0 {
		return addressesOf(Serving(holders)), nil
	}

	serving := Serving(backends)

	var balanced []netip.AddrPort

	err := clients.Ask(ctx, serving, func(ctx context.Context, client *apiservers.Client) error {
		running, err := networkRuns(ctx, client)
		if err != nil || !running {
			return err
		}

		balanced, err = behind(ctx, client, endpoint)

		return err
	})

	return slices.DeleteFunc(addressesOf(serving), func(server netip.AddrPort) bool { return !slices.Contains(balanced, server) }), err
}

func addressesOf(servers []apiservers.Server) []netip.AddrPort {
	var list []netip.AddrPort
	for _, server := range servers {
		list = append(list, server.Address)
	}

	return list
}
