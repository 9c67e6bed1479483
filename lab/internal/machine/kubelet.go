package machine

import (
	"context"
	"path/filepath"

	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/kubelet"
	"phoebe.dev/lab/internal/machine/resources"
)

func (b *boot) startKubelet() error {
	node, _ := b.node()

	if !b.hasKubeletSpec() {
		b.services.set(controlplane.Status{Name: "kubelet", State: controlplane.Waiting, Message: "Waiting for a valid kubelet configuration"})

		return nil
	}

	options := kubelet.Options{
		Hostname:   node.Nodename,
		Address:    node.Address,
		Config:     node.Config,
		Dir:        filepath.Join(b.disk.Ephemeral(), "lib", "kubelet"),
		APIServers: b.apiServers,
		Dial:       b.machine.wire.dial,
		Output:     b.logs.Writer("kubelet"),
		Changed:    b.changed.notify,

		BootID:       b.id,
		TalosVersion: b.system.Version,
		Arch:         b.machine.options.Arch,
	}
	if node.Config.Machine().Type().IsControlPlane() {
		options.StaticPods = b.staticPods
	}

	running, err := b.fabric.options.Components.Kubelet(options)
	if err != nil {
		return err
	}

	stop := b.inBackground("kubelet", running.Run)

	b.mu.Lock()
	b.parts.kubelet, b.parts.stopKubelet = running, stop
	b.mu.Unlock()

	return nil
}

func (b *boot) stopKubelet() {
	b.mu.Lock()
	stop := b.parts.stopKubelet
	b.parts.kubelet, b.parts.stopKubelet = nil, nil
	b.mu.Unlock()

	if stop != nil {
		stop()
		b.finished("kubelet")
	}
}

// putKubeletSpec keeps what the kubelet is started with, and tells whether it changed. A
// config of which no kubelet configuration can be made leaves none: no kubelet starts.
func (b *boot) putKubeletSpec(ctx context.Context, node resources.Node) (changed bool, err error) {
	wanted, err := node.KubeletSpec()
	if err != nil {
		b.logs.Printf("error creating kubelet configuration: %v", err)
		b.machine.note("kubelet cannot start", err.Error())

		existed := b.hasKubeletSpec()

		return existed, b.resources.Drop(ctx, k8s.NewKubeletSpec(k8s.NamespaceName, k8s.KubeletID).Metadata())
	}

	before, _ := b.resources.Get(ctx, wanted.Metadata()) // none at first
	if err := b.resources.Put(ctx, wanted); err != nil {
		return false, err
	}

	after, err := b.resources.Get(ctx, wanted.Metadata())
	if err != nil {
		return false, err
	}

	return before == nil || !before.Metadata().Version().Equal(after.Metadata().Version()), nil
}

func (b *boot) hasKubeletSpec() bool {
	_, err := b.resources.Get(context.Background(), k8s.NewKubeletSpec(k8s.NamespaceName, k8s.KubeletID).Metadata())

	return err == nil
}

func (b *boot) kubelet() Kubelet {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.parts.kubelet
}
