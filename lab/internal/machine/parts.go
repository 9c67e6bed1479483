package machine

import (
	"context"
	"fmt"
	"path/filepath"

	"phoebe.dev/lab/internal/controlplane"
)

// parts are what runs on a configured node.
type parts struct {
	plane       ControlPlane // nil on a worker
	kubelet     Kubelet      // nil once it was stopped
	stopPlane   func()
	stopKubelet func()
}

// startParts starts the node's components, as Talos's startAllServices does.
func (b *boot) startParts(ctx context.Context) error {
	node, _ := b.node()

	b.services.set(controlplane.Status{Name: "cri", State: controlplane.Running, Healthy: true, Message: "Health check successful"})

	if node.Config.Machine().Type().IsControlPlane() {
		b.services.set(controlplane.Status{Name: "trustd", State: controlplane.Running, Healthy: true, Message: "Health check successful"})

		if err := b.startPlane(); err != nil {
			return fmt.Errorf("control plane: %w", err)
		}
	}

	if _, err := b.putKubeletSpec(ctx, node); err != nil {
		return fmt.Errorf("kubelet: %w", err)
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
		Marks:    b.marks,
		Late:     b.late,
		Output:   b.logs.Writer,
		Changed:  b.changed.notify,
	})
	if err != nil {
		return err
	}

	plane.Pause(b.machine.faults.has(FaultDrop))
	stop := b.inBackground("control plane", plane.Run)

	b.mu.Lock()
	b.parts.plane, b.parts.stopPlane = plane, stop
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
