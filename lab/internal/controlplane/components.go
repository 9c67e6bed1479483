package controlplane

import (
	"context"
	"crypto/tls"
	"net/netip"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
)

// newComponents makes the three static pods, kube-apiserver first.
func newComponents(n *node) ([]*component, error) {
	components := []*component{
		{
			name: "kube-apiserver", folder: n.apiServer, render: n.renderAPIServer, place: n.placeAPIServer,
			binary:  func(b Binaries) string { return b.APIServer },
			service: service{grace: time.Second, check: n.probeAPIServer()},
		},
		{
			name: "kube-controller-manager", folder: n.controllerManager, render: n.renderControllerManager, place: n.placeControllerManager,
			binary: func(b Binaries) string { return b.ControllerManager },
			service: service{
				grace: 2 * time.Second, check: probe(netip.AddrPortFrom(n.Address, controllerManagerPort), "/healthz"),
			},
		},
		{
			name: "kube-scheduler", folder: n.scheduler, render: n.renderScheduler, place: n.placeScheduler,
			binary: func(b Binaries) string { return b.Scheduler },
			service: service{
				grace: time.Second, check: probe(netip.AddrPortFrom(n.Address, schedulerPort), "/readyz"),
			},
		},
	}

	for _, c := range components {
		c.binaries, c.marks = n.Binaries, n.Marks
		c.prepare, c.wake = c.command, make(chan struct{}, 1)
		c.board, c.output = newBoard(c.name, n.Changed), n.Output(c.name)

		rendered, err := c.rendered(n.Options.Config)
		if err != nil {
			return nil, err
		}

		c.update(rendered)
	}

	return components, nil
}

// probeAPIServer asks with an administrator's certificate: Talos's API servers answer nobody else.
func (n *node) probeAPIServer() func(context.Context) error {
	var check func(context.Context) error

	return func(ctx context.Context) error {
		if check == nil {
			certificate, err := clientCertificate(n.config())
			if err != nil {
				return err
			}

			check = probe(n.apiServerAddress(), "/readyz", certificate)
		}

		return check(ctx)
	}
}

func clientCertificate(cfg config.Config) (tls.Certificate, error) {
	access, err := AdminRESTConfig(cfg, "")
	if err != nil {
		return tls.Certificate{}, err
	}

	return tls.X509KeyPair(access.CertData, access.KeyData)
}
