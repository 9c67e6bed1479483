// Package controlplanetest starts control planes of real programs for tests, on loopback addresses.
package controlplanetest

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/controlplane"
)

// KubernetesVersion is that of the programs.
const KubernetesVersion = "1.36.3"

// Patience is how long a test waits for anything.
const Patience = 60 * time.Second

// Cluster is a set of control plane nodes that know each other.
type Cluster struct {
	t     *testing.T
	input *generate.Input
	dir   string

	mutex   sync.Mutex
	nodes   []*Node
	changed chan struct{}
}

// NewCluster generates the secrets of a cluster with the given endpoint. It has no CNI, no kube-proxy and no CoreDNS.
func NewCluster(t *testing.T, endpoint string) *Cluster {
	t.Helper()

	input, err := generate.NewInput("test", endpoint, KubernetesVersion,
		generate.WithClusterCNIConfig(&v1alpha1.CNIConfig{CNIName: "none"}), generate.WithInstallImage("factory.talos.dev/installer/abc:v1.13.3"))
	require.NoError(t, err)

	return &Cluster{t: t, input: input, dir: t.TempDir(), changed: make(chan struct{})}
}

// Config is a machine config of the cluster, changed by the given patches.
func (c *Cluster) Config(kind machine.Type, patches ...func(*v1alpha1.Config)) config.Provider {
	c.t.Helper()

	cfg, err := c.input.Config(kind)
	require.NoError(c.t, err)

	cfg, err = cfg.PatchV1Alpha1(func(cfg *v1alpha1.Config) error {
		disabled := true
		cfg.ClusterConfig.ProxyConfig = &v1alpha1.ProxyConfig{Disabled: &disabled}
		cfg.ClusterConfig.CoreDNSConfig = &v1alpha1.CoreDNS{CoreDNSDisabled: &disabled}

		for _, patch := range patches {
			patch(cfg)
		}

		return nil
	})
	require.NoError(c.t, err)

	return cfg
}

// Node is one control plane node that can be started again and again.
type Node struct {
	*controlplane.ControlPlane
	Hostname string
	Address  netip.Addr
	Config   config.Provider

	cluster *Cluster
	dir     string
	running bool
	cancel  context.CancelFunc
	ended   chan error
}

// Start makes a node and boots it.
func (c *Cluster) Start(hostname, address string, patches ...func(*v1alpha1.Config)) *Node {
	c.t.Helper()

	n := &Node{
		Hostname: hostname, Address: netip.MustParseAddr(address), Config: c.Config(machine.TypeControlPlane, patches...),
		cluster: c, dir: filepath.Join(c.dir, hostname),
	}
	c.mutex.Lock()
	c.nodes = append(c.nodes, n)
	c.mutex.Unlock()

	c.t.Cleanup(n.Stop)
	n.Boot()

	return n
}

// Boot starts the node's control plane anew, with what is in its data directory.
func (n *Node) Boot() {
	t := n.cluster.t
	t.Helper()

	log, err := os.OpenFile(n.dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)

	made, err := controlplane.New(controlplane.Options{
		Dir: n.dir, RunDir: filepath.Join(n.dir, "run"), Hostname: n.Hostname, Address: n.Address, Config: n.Config,
		Binaries: Binaries(t),
		Peers:    func() []controlplane.Peer { return n.cluster.peers(n) },
		Output:   func(string) writer { return log },
		Changed:  n.cluster.notify,
	})
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())

	n.cluster.mutex.Lock()
	n.ControlPlane, n.cancel, n.ended, n.running = made, cancel, make(chan error, 1), true
	n.cluster.mutex.Unlock()

	go func() { n.ended <- made.Run(ctx) }()

	t.Cleanup(func() {
		if content, err := os.ReadFile(n.dir + ".log"); err == nil && t.Failed() {
			t.Logf("end of the log of %s:\n%s", n.Hostname, content[max(0, len(content)-2000):])
		}
	})
}

// Stop powers the node off.
func (n *Node) Stop() {
	n.cluster.mutex.Lock()
	running := n.running
	n.running = false
	n.cluster.mutex.Unlock()

	if running {
		n.cancel()
		require.NoError(n.cluster.t, <-n.ended)
		n.cluster.notify()
	}
}

// Status of one of the node's services.
func (n *Node) Status(service string) controlplane.Status {
	for _, status := range n.Statuses() {
		if status.Name == service {
			return status
		}
	}

	n.cluster.t.Fatalf("%s has no service %q", n.Hostname, service)

	return controlplane.Status{}
}

// Await blocks until a service of the node is as asked for.
func (n *Node) Await(service string, condition func(controlplane.Status) bool) {
	n.cluster.t.Helper()
	n.cluster.Await(fmt.Sprintf("%s of %s", service, n.Hostname), func() bool { return condition(n.Status(service)) })
}

// AwaitHealthy blocks until the given services, or all, are healthy.
func (n *Node) AwaitHealthy(services ...string) {
	n.cluster.t.Helper()

	if len(services) == 0 {
		services = []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}
	}

	for _, service := range services {
		n.Await(service, func(status controlplane.Status) bool { return status.Healthy })
	}
}

// Await blocks until a condition that depends on statuses is met.
func (c *Cluster) Await(what string, condition func() bool) {
	c.t.Helper()

	deadline := time.After(Patience)

	for {
		c.mutex.Lock()
		changed := c.changed
		c.mutex.Unlock()

		if condition() {
			return
		}

		select {
		case <-changed:
		case <-deadline:
			for _, n := range c.nodes {
				c.t.Logf("%s: %+v", n.Hostname, n.Statuses())
			}

			c.t.Fatalf("waited %s for %s", Patience, what)
		}
	}
}

func (c *Cluster) notify() {
	c.mutex.Lock()
	defer c.mutex.Unlock()

	close(c.changed)
	c.changed = make(chan struct{})
}

// Dir is the folder of the cluster's nodes.
func (c *Cluster) Dir() string { return c.dir }

// Running are the nodes that are powered on.
func (c *Cluster) Running() []*Node {
	c.mutex.Lock()
	defer c.mutex.Unlock()

	return slices.DeleteFunc(slices.Clone(c.nodes), func(n *Node) bool { return !n.running })
}

func (c *Cluster) peers(self *Node) []controlplane.Peer {
	var peers []controlplane.Peer

	for _, n := range c.Running() {
		if n != self {
			peers = append(peers, controlplane.Peer{Hostname: n.Hostname, Address: n.Address})
		}
	}

	return peers
}
