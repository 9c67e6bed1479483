// Package kubelet simulates a node's kubelet: its Node, Lease and pods are records in
// the real API server; no container runs.
package kubelet

import (
	"context"
	"errors"
	"io"
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/config/config"

	"phoebe.dev/lab/internal/controlplane"
)

// Options say which node the kubelet runs on.
type Options struct {
	Hostname string
	Address  netip.Addr
	Config   config.Config
	// Dir keeps the kubelet's identity over reboots.
	Dir string
	// APIServers are the URLs of the API servers that answer.
	APIServers func() []string
	// StaticPods are the control plane's components on this node; nil on a worker.
	StaticPods func() []controlplane.Status
	// Output is where the kubelet's log goes.
	Output io.Writer
	// Changed is called after a change of Status; it must not block.
	Changed func()
}

// Kubelet is one node's kubelet.
type Kubelet struct{ options Options }

// New checks the options; nothing is started yet.
func New(options Options) (*Kubelet, error) { return &Kubelet{options: options}, nil }

// Run registers the node and keeps it and its pods until ctx ends.
func (k *Kubelet) Run(ctx context.Context) error { return errors.ErrUnsupported }

// Status tells how the kubelet is.
func (k *Kubelet) Status() controlplane.Status {
	return controlplane.Status{Name: "kubelet", State: controlplane.Initialized}
}
