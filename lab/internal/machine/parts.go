package machine

import (
	"context"
	"fmt"
	"path/filepath"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/kubelet"
)

// parts are what runs on a configured node.
type parts struct {
	plane     ControlPlane // nil on a worker
	kubelet   Kubelet      // nil once it was stopped
	stopPlane func()
	stopAgent func()
}

// startParts starts the node's components, as Talos's startAllServices does.
func (b *boot) startParts() error {
	node, _ := b.node()

	b.services.set(controlplane.Status{Name: "cri", State: controlplane.Running, Healthy: true, Message: "Health check successful"})

	if node.Config.Machine().Type().IsControlPlane() {
		b.services.set(controlplane.Status{Name: "trustd", State: controlplane.Running, Healthy: true, Message: "Health check successful"})

		if err := b.startPlane(); err != nil {
			return fmt.Errorf("control plane: %w", err)
		}
	}

	if err := b.startKubelet(); err != nil {
		return fmt.Errorf("kubelet: %w", err)
	}

	b.changed.notify()

	return nil
}

func (b *boot) startPlane() error {
	node, _ := b.node()

	plane, err := b.fabric.options.Components.ControlPlane(controlplane.Options{
		Dir:      filepath.Join(b.disk.Ephemeral(), "lib"),
		RunDir:   filepath.Join(b.runDir, "controlplane"),
		Hostname: node.Hostname,
		Address:  node.Address,
		Config:   node.Config,
		Binaries: b.fabric.options.Binaries,
		Peers:    b.peers,
		Output:   b.logs.Writer,
		Changed:  b.changed.notify,
	})
	if err != nil {
		return err
	}

	stop := b.inBackground("control plane", plane.Run)

	b.mu.Lock()
	b.parts.plane, b.parts.stopPlane = plane, stop
	b.mu.Unlock()

	return nil
}

func (b *boot) startKubelet() error {
	node, _ := b.node()

	options := kubelet.Options{
		Hostname:   node.Nodename,
		Address:    node.Address,
		Config:     node.Config,
		Dir:        filepath.Join(b.disk.Ephemeral(), "lib", "kubelet"),
		APIServers: b.apiServers,
		Output:     b.logs.Writer("kubelet"),
		Changed:    b.changed.notify,

		ConfigVersion: b.configVersion,
		BootID:        b.id,
		TalosVersion:  b.system.Version,
		Arch:          b.machine.options.Arch,
	}
	if node.Config.Machine().Type().IsControlPlane() {
		options.StaticPods = b.staticPods
	}

	agent, err := b.fabric.options.Components.Kubelet(options)
	if err != nil {
		return err
	}

	stop := b.inBackground("kubelet", agent.Run)

	b.mu.Lock()
	b.parts.kubelet, b.parts.stopAgent = agent, stop
	b.mu.Unlock()

	return nil
}

// inBackground runs a component; the function it gives stops it and waits.
func (b *boot) inBackground(name string, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})

	go func() {
		defer close(done)

		if err := run(ctx); err != nil && ctx.Err() == nil {
			b.logs.Printf("%s: %v", name, err)
			b.machine.fail(fmt.Errorf("%s: %w", name, err))
		}

		b.changed.notify()
	}()

	return func() {
		cancel()
		<-done
	}
}

// stopParts stops what still runs, etcd last.
func (b *boot) stopParts() {
	b.stopKubelet()
	b.stopControlPlane()
}

func (b *boot) stopKubelet() {
	b.mu.Lock()
	stop := b.parts.stopAgent
	b.parts.kubelet, b.parts.stopAgent = nil, nil
	b.mu.Unlock()

	if stop != nil {
		stop()
		b.finished("kubelet")
	}
}

func (b *boot) stopControlPlane() {
	b.mu.Lock()
	stop := b.parts.stopPlane
	b.parts.stopPlane = nil
	b.mu.Unlock()

	if stop != nil {
		stop()
		b.finished(etcdService)
		b.changed.notify()
	}
}

// finished is a stopped component's last state.
func (b *boot) finished(service string) {
	b.following.Lock()
	defer b.following.Unlock()

	b.services.set(controlplane.Status{Name: service, State: controlplane.Finished, Message: "Service finished successfully"})
}

// plane is the node's control plane; nil on a worker and once it was stopped.
func (b *boot) plane() ControlPlane {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.parts.stopPlane == nil {
		return nil
	}

	return b.parts.plane
}

func (b *boot) kubelet() Kubelet {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.parts.kubelet
}
