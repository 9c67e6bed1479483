// Package controlplane runs one control plane node's share of Kubernetes, as Talos
// would from the node's machine config: a real etcd member and the real
// kube-apiserver, kube-controller-manager and kube-scheduler, on a loopback address.
package controlplane

import (
	"context"
	"errors"
	"io"
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Peer is another control plane machine of the same cluster, as discovery knows it.
type Peer struct {
	Hostname string
	Address  netip.Addr
}

// Binaries are the paths of the real programs.
type Binaries struct {
	Etcd, APIServer, ControllerManager, Scheduler string
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
	// Binaries gives the programs of a Kubernetes version; its error says that an image cannot be pulled.
	Binaries func(kubernetesVersion string) (Binaries, error)
	// Peers are the other booted control plane machines of the cluster.
	Peers func() []Peer
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
type ControlPlane struct{ options Options }

// New checks the options and prepares the folders; nothing is started yet.
func New(options Options) (*ControlPlane, error) {
	return &ControlPlane{options: options}, nil
}

// Run starts etcd and the static pods and blocks until ctx ends; etcd is stopped last.
func (c *ControlPlane) Run(ctx context.Context) error { return errors.ErrUnsupported }

// Bootstrap starts a new cluster with this node as its only etcd member.
func (c *ControlPlane) Bootstrap(ctx context.Context) error { return errors.ErrUnsupported }

// Update takes a changed machine config; static pods whose arguments changed are restarted.
func (c *ControlPlane) Update(cfg config.Config) error { return errors.ErrUnsupported }

// Statuses tells how etcd and the static pods are.
func (c *ControlPlane) Statuses() []Status { return nil }

// Etcd is a client of the node's own member; the caller closes it.
func (c *ControlPlane) Etcd() (*clientv3.Client, error) { return nil, errors.ErrUnsupported }

// LeaveEtcd takes the node's member out of etcd and stops it, as a graceful reset does.
func (c *ControlPlane) LeaveEtcd(ctx context.Context) error { return errors.ErrUnsupported }

// AdminKubeconfig makes an administrator's kubeconfig for the given server.
func (c *ControlPlane) AdminKubeconfig(server string) ([]byte, error) { return nil, errors.ErrUnsupported }

// Arguments of a service's running process.
func (c *ControlPlane) Arguments(name string) []string { return nil }
