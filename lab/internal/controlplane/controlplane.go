// Package controlplane runs one control plane node's share of Kubernetes, as Talos
// would from the node's machine config: a real etcd member and the real
// kube-apiserver, kube-controller-manager and kube-scheduler, on a loopback address.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Peer is another control plane machine of the same cluster, as discovery knows it.
type Peer struct {
	Hostname string
	Address  netip.Addr
}

// Binaries are the paths of the real programs.
type Binaries struct {
	Etcd, Etcdutl, APIServer, ControllerManager, Scheduler string
}

// Options say what a control plane node is made of.
type Options struct {
	// Dir survives reboots; etcd's data lies in Dir/etcd.
	Dir string
	// RunDir holds this boot's PKI, manifests and kubeconfigs.
	RunDir string
	// Hostname names the node and its etcd member.
	Hostname string
	// Address is the node's loopback address.
	Address netip.Addr
	// Config is the node's machine config.
	Config config.Config
	// Binaries gives the programs of a Kubernetes version (without "v"); its error says that an image cannot be pulled.
	Binaries func(kubernetesVersion string) (Binaries, error)
	// Peers are the other booted control plane machines of the cluster.
	Peers func() []Peer
	// Marks are the annotations by which a static pod says what it was made from; one with others is started anew. Without
	// them all are of version 1.
	Marks func(staticPod string) map[string]string
	// Late is how long the kubelet takes to see a changed static pod; without it none.
	Late func() time.Duration
	// Output is where a service's log goes.
	Output func(service string) io.Writer
	// Changed is called after any change of a Status; it must not block.
	Changed func()
}

// What Bootstrap and LeaveEtcd refuse.
var (
	ErrNotReady      = errors.New("etcd is not waiting for a bootstrap yet")
	ErrAlreadyExists = errors.New("etcd data directory is not empty")
	ErrLastMember    = errors.New("the node is the last etcd member: leaving would end the cluster")
)

// ControlPlane is the running share of one node.
type ControlPlane struct {
	node       *node
	etcd       *etcd
	components []*component
	late       late
	stopEtcd   chan struct{}
	etcdEnded  chan struct{}
	stopOnce   sync.Once
}

// New checks the options and prepares the folders; nothing is started yet.
func New(options Options) (*ControlPlane, error) {
	if options.Marks == nil {
		options.Marks = func(string) map[string]string {
			return map[string]string{constants.AnnotationStaticPodConfigVersion: "1"}
		}
	}

	if options.Late == nil {
		options.Late = func() time.Duration { return 0 }
	}

	n, err := newNode(options)
	if err != nil {
		return nil, fmt.Errorf("control plane of %s: %w", options.Hostname, err)
	}

	c := &ControlPlane{node: n, stopEtcd: make(chan struct{}), etcdEnded: make(chan struct{})}

	if c.etcd, err = newEtcd(n); err != nil {
		return nil, fmt.Errorf("etcd of %s: %w", options.Hostname, err)
	}

	if c.components, err = newComponents(n); err != nil {
		return nil, fmt.Errorf("control plane of %s: %w", options.Hostname, err)
	}

	return c, nil
}

// Run starts etcd and the static pods and blocks until ctx ends; etcd is stopped last.
func (c *ControlPlane) Run(ctx context.Context) error {
	// etcd lives longer than ctx: the API server writes until it has stopped.
	etcdCtx, stopEtcd := context.WithCancel(context.WithoutCancel(ctx))
	defer stopEtcd()

	go func() {
		defer close(c.etcdEnded)

		c.etcd.run(etcdCtx)
	}()

	go func() {
		<-c.stopEtcd
		stopEtcd()
	}()

	var pods sync.WaitGroup

	apiServer := c.components[0]

	if c.etcd.board.await(ctx, isHealthy) {
		pods.Go(func() { apiServer.run(ctx) })

		// The others exit when there is no API server.
		if apiServer.board.await(ctx, isHealthy) {
			for _, component := range c.components[1:] {
				pods.Go(func() { component.run(ctx) })
			}

			pods.Go(func() { c.node.applyManifests(ctx) })
		}
	}

	<-ctx.Done()
	c.late.end()
	pods.Wait()

	return c.endEtcd(context.WithoutCancel(ctx))
}

// endEtcd stops the member and waits until it has.
func (c *ControlPlane) endEtcd(ctx context.Context) error {
	c.stopOnce.Do(func() { close(c.stopEtcd) })

	select {
	case <-c.etcdEnded:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Bootstrap starts a new cluster with this node as its only etcd member.
func (c *ControlPlane) Bootstrap(ctx context.Context) error { return c.etcd.bootstrap(ctx, nil) }

// Recover starts a cluster with this node as its only etcd member and what a snapshot holds as its content. It returns once that has begun.
func (c *ControlPlane) Recover(ctx context.Context, from Snapshot) error {
	return c.etcd.bootstrap(ctx, &from)
}

// Update takes a changed machine config; static pods whose arguments, image or files changed are
// restarted. etcd takes its part of the config at its next start, as with Talos.
func (c *ControlPlane) Update(cfg config.Config) error {
	if err := checkConfig(cfg); err != nil {
		return err
	}

	pods := make([]*pod, len(c.components))

	for i, component := range c.components {
		var err error
		if pods[i], err = component.rendered(cfg); err != nil {
			return fmt.Errorf("%s: %w", component.name, err)
		}
	}

	c.node.setConfig(cfg)

	c.late.do(c.node.Late(), func() {
		for i, component := range c.components {
			if component.update(pods[i]) {
				component.restart()
			}
		}
	})

	return nil
}

// Statuses tells how etcd and the static pods are.
func (c *ControlPlane) Statuses() []Status {
	statuses := []Status{c.etcd.board.get()}
	for _, component := range c.components {
		statuses = append(statuses, component.board.get())
	}

	return statuses
}

// Etcd is a client of the node's own member; the caller closes it.
func (c *ControlPlane) Etcd() (*clientv3.Client, error) {
	return c.etcd.client(c.node.etcdURL(c.node.Address))
}

// LeaveEtcd takes the node's member out of etcd and stops it, as a graceful reset does.
func (c *ControlPlane) LeaveEtcd(ctx context.Context) error {
	if err := c.etcd.leave(ctx); err != nil {
		return err
	}

	if err := c.endEtcd(ctx); err != nil {
		return err
	}

	return os.RemoveAll(c.node.dataDir())
}

// LoseEtcd has the other members remove this one, while its data stays: etcd ends, and will not start again with them.
func (c *ControlPlane) LoseEtcd(ctx context.Context) error { return c.etcd.leave(ctx) }

// Pause stops all programs where they stand, or lets them go on: to the network, the node is not there meanwhile.
func (c *ControlPlane) Pause(paused bool) {
	c.etcd.pausing.set(paused)

	for _, component := range c.components {
		component.pausing.set(paused)
	}
}

// AdminKubeconfig makes an administrator's kubeconfig for the given server.
func (c *ControlPlane) AdminKubeconfig(server string) ([]byte, error) {
	cluster := c.node.config().Cluster()
	admin := cluster.AdminKubeconfig()

	return kubeconfig(cluster, server, "admin", "admin", identity{admin.CommonName(), admin.CertOrganization(), admin.CertLifetime()})
}

// Arguments of a service's running process; nil when it does not run.
func (c *ControlPlane) Arguments(name string) []string {
	for _, status := range c.Statuses() {
		if status.Name == name {
			return status.Arguments
		}
	}

	return nil
}
