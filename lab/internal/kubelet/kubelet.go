// Package kubelet simulates a node's kubelet: its Node, Lease and pods are records in
// the real API server; no container runs.
package kubelet

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

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

	// The rest may be left out.

	// Dial is the node's way to the network; by default the host's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// BootID tells a reboot from a restart of the kubelet alone, which its pods outlive; without it every start is a boot.
	BootID string
	// TalosVersion is what the node runs; by default the tag of install.image.
	TalosVersion string
	// Arch is the node's architecture; by default amd64.
	Arch string
}

// Kubelet is one node's kubelet.
type Kubelet struct {
	Options

	mutex  sync.Mutex
	status controlplane.Status
	config config.Config
	// updated is signalled when the config was.
	updated chan struct{}
}

// New checks the options; nothing is started yet.
func New(options Options) (*Kubelet, error) {
	if options.Config.Machine() == nil || options.Config.Cluster() == nil {
		return nil, fmt.Errorf("kubelet of %s: the machine config has no %q and %q section", options.Hostname, "machine", "cluster")
	}

	if options.Arch == "" {
		options.Arch = "amd64"
	}

	if options.TalosVersion == "" {
		options.TalosVersion = tag(options.Config.Machine().Install().Image())
	}

	if options.Dial == nil {
		options.Dial = (&net.Dialer{}).DialContext
	}

	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("kubelet of %s: %w", options.Hostname, err)
	}

	return &Kubelet{
		Options: options, config: options.Config, updated: make(chan struct{}, 1),
		status: controlplane.Status{Name: "kubelet", State: controlplane.Initialized},
	}, nil
}

// Run registers the node and keeps it and its pods until ctx ends. Nothing is said to the API
// server then: to the cluster, the node is just gone.
func (k *Kubelet) Run(ctx context.Context) error {
	if err := checkGates(k.version(), k.current().Machine().Kubelet()); err != nil {
		k.logf(`E run.go:72] "command failed" err=%q`, err)
		k.set(controlplane.Waiting, false, `Error running Containerd(kubelet), going to restart forever: task "kubelet" failed: exit code 1`)
		<-ctx.Done() // only another config can help, and that starts another kubelet

		return nil
	}

	k.set(controlplane.Running, false, "Waiting for an identity")
	defer k.set(controlplane.Finished, false, "Service finished successfully")

	rebooted, err := k.rebooted()
	if err != nil {
		return err
	}

	if k.current().Machine().Kubelet().SkipNodeRegistration() {
		k.set(controlplane.Running, true, "Health check successful; machine.kubelet.skipNodeRegistration keeps it from the API server")
		<-ctx.Done()

		return nil
	}

	access, err := k.identity(ctx)
	if err != nil {
		return ignoreEnd(ctx, err)
	}

	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return err
	}

	k.set(controlplane.Running, true, "Health check successful")

	node := newNode(k, client)
	if err := node.register(ctx, rebooted); err != nil {
		return ignoreEnd(ctx, err)
	}

	pods := newPods(k, client, node, rebooted)

	var loops sync.WaitGroup

	loops.Go(func() { node.renewLease(ctx) })
	loops.Go(func() { node.keep(ctx) })
	loops.Go(func() { k.keepTalosMarks(ctx, client) })
	loops.Go(func() { pods.run(ctx) })
	loops.Wait()

	return nil
}

// Update takes a changed machine config: labels, annotations and taints follow it.
func (k *Kubelet) Update(cfg config.Config) {
	k.mutex.Lock()
	k.config = cfg
	k.mutex.Unlock()

	select {
	case k.updated <- struct{}{}:
	default: // it will read the newest
	}
}

// Status tells how the kubelet is.
func (k *Kubelet) Status() controlplane.Status {
	k.mutex.Lock()
	defer k.mutex.Unlock()

	return k.status
}

func (k *Kubelet) set(state controlplane.State, healthy bool, message string) {
	k.mutex.Lock()
	k.status = controlplane.Status{Name: "kubelet", State: state, Healthy: healthy, Message: message}
	k.mutex.Unlock()
	k.Changed()
}

func (k *Kubelet) current() config.Config {
	k.mutex.Lock()
	defer k.mutex.Unlock()

	return k.config
}

func (k *Kubelet) logf(format string, args ...any) {
	fmt.Fprintf(k.Output, time.Now().Format(time.RFC3339)+" "+format+"\n", args...)
}

// logWatchErrors keeps a client library's complaints in this kubelet's log.
func (k *Kubelet) logWatchErrors(informer cache.SharedIndexInformer) {
	_ = informer.SetWatchErrorHandlerWithContext(func(ctx context.Context, _ *cache.Reflector, err error) { // fails only after the start
		if ctx.Err() == nil {
			k.logf("watching: %s", err)
		}
	})
}

// rebooted tells whether this is the first start since the node booted.
func (k *Kubelet) rebooted() (bool, error) {
	path := filepath.Join(k.Dir, "boot-id")

	last, err := os.ReadFile(path)
	if err == nil && k.BootID != "" && string(last) == k.BootID {
		return false, nil
	}

	return true, os.WriteFile(path, []byte(k.BootID), 0o600)
}

// retry repeats what fails until it succeeds or ctx ends.
func (k *Kubelet) retry(ctx context.Context, what string, attempt func() error) error {
	said := ""

	for wait := 125 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := attempt()
		if err == nil {
			return nil
		}

		if message := err.Error(); ctx.Err() == nil && message != said {
			k.logf("%s: %s", what, message)
			said = message
		}

		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// ignoreEnd makes an end by ctx no failure.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}

	return err
}
