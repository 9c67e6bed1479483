package machine

import (
	"context"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"golang.org/x/sync/errgroup"
)

// runNode is the life of a configured node until a sequence ends it.
func (b *boot) runNode(ctx context.Context) (outcome, error) {
	node, _ := b.node()
	b.logs.Printf("machine config loaded: %s, hostname %s", node.Config.Machine().Type(), node.Hostname)
	b.status.setStage(runtime.MachineStageBooting)
	b.events.Publish("", &machine.SequenceEvent{Sequence: "boot", Action: machine.SequenceEvent_START})

	if err := b.startParts(ctx); err != nil {
		return halted, err
	}

	b.setUp(true)
	b.announce()

	background, stop := context.WithCancel(ctx)

	var group errgroup.Group

	group.Go(func() error { return b.openAPI(background) })
	group.Go(func() error { return b.awaitServices(background) })
	group.Go(func() error { return b.watchNode(background) })

	how := b.serve(ctx)

	b.setUp(false)
	b.stopParts()
	stop()

	if err := group.Wait(); err != nil && ctx.Err() == nil {
		return halted, err
	}

	return how, nil
}

// openAPI opens the API as soon as the node has certificates, until ctx ends.
func (b *boot) openAPI(ctx context.Context) error {
	if err := b.awaitCredentials(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}

		return err
	}

	closeAPI, err := b.serveConfigured(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}

		return err
	}

	b.logs.Printf("apid: API reachable at %s", b.machine.options.apiAddress())

	<-ctx.Done()
	closeAPI()

	return nil
}

// awaitServices ends the boot sequence once every service is up: on a control plane node
// that is not before etcd runs.
func (b *boot) awaitServices(ctx context.Context) error {
	start := time.Now()

	for {
		changed := b.changed.wait()

		if len(b.services.problems(b.requiredServices()...)) == 0 {
			b.logs.Printf("boot sequence: done: %s", time.Since(start))
			b.noteAttendance() // before anybody sees that it runs, and may take it away
			b.status.setStageFrom(runtime.MachineStageBooting, runtime.MachineStageRunning)
			b.events.Publish("", &machine.SequenceEvent{Sequence: "boot", Action: machine.SequenceEvent_STOP})

			return nil
		}

		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func (b *boot) setUp(up bool) {
	b.mu.Lock()
	b.up = up
	b.mu.Unlock()

	b.fabric.changed.notify()
}

// isUp: configured, and not about to go down.
func (b *boot) isUp() bool {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.up
}
