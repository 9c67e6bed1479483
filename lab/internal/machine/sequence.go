package machine

import (
	"context"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// task is one step of a sequence, by Talos's name; run may be nil where there is
// nothing to do on a simulated machine but clients look for the event.
type task struct {
	name string
	run  func(ctx context.Context) error
}

// phase is a named group of tasks.
type phase struct {
	name  string
	stage runtime.MachineStage // the machine's stage from here on; zero: as it is
	tasks []task
}

func step(name, taskName string, run func(ctx context.Context) error) phase {
	return phase{name: name, tasks: []task{{taskName, run}}}
}

// request asks for a sequence that ends this boot, or leaves maintenance mode.
type request struct {
	sequence string
	actor    string
	stage    runtime.MachineStage
	phases   []phase
	then     outcome
	reason   string // where the sequence's name does not say it
}

// why is what the cluster sees of a sequence that takes the node away.
func (r request) why() string {
	if r.reason != "" {
		return r.reason
	}

	return r.sequence
}

// submit hands a sequence to the boot. As on Talos the caller is not told whether one
// is already under way: an event tells.
func (b *boot) submit(r request) bool {
	b.mu.Lock()

	busy := b.busy
	if busy == "" {
		b.busy = r.sequence
	}
	b.mu.Unlock()

	if busy != "" {
		b.events.Publish(r.actor, &machine.SequenceEvent{
			Sequence: r.sequence,
			Action:   machine.SequenceEvent_NOOP,
			Error:    &common.Error{Code: common.Code_LOCKED, Message: "sequence not started: locked"},
		})
		b.logs.Printf("%s sequence: not started, the %s sequence is under way", r.sequence, busy)

		return false
	}

	b.requests <- r

	return true
}

// serve runs sequences until one succeeds, or the power is cut. One that fails leaves the
// machine as it is.
func (b *boot) serve(ctx context.Context) outcome {
	for {
		select {
		case <-ctx.Done():
			return halted
		case r := <-b.requests:
			err := b.runSequence(ctx, r)

			b.mu.Lock()
			b.busy = ""
			b.mu.Unlock()

			if ctx.Err() != nil {
				return halted
			}

			if err != nil {
				// Talos shows a machine whose sequence failed as rebooting, and leaves it so.
				b.status.setStage(runtime.MachineStageRebooting)
				b.machine.note("failed", fmt.Sprintf("%s sequence: %v", r.sequence, err))

				continue
			}

			return r.then
		}
	}
}

func (b *boot) runSequence(ctx context.Context, r request) (err error) {
	start := time.Now()

	if r.stage != runtime.MachineStageUnknown {
		b.status.setStage(r.stage)
	}

	if r.then != continued && b.isUp() {
		b.machine.attendance.leave(r.why())
	}

	b.logs.Printf("%s sequence: %d phase(s)", r.sequence, len(r.phases))
	b.events.Publish(r.actor, &machine.SequenceEvent{Sequence: r.sequence, Action: machine.SequenceEvent_START})

	defer func() {
		if err != nil {
			b.logs.Printf("%s sequence: failed: %v", r.sequence, err)
			b.events.Publish(r.actor, &machine.SequenceEvent{
				Sequence: r.sequence,
				Action:   machine.SequenceEvent_NOOP,
				Error:    &common.Error{Code: common.Code_FATAL, Message: "sequence failed: " + err.Error()},
			})

			return
		}

		b.logs.Printf("%s sequence: done: %s", r.sequence, time.Since(start))
		b.events.Publish(r.actor, &machine.SequenceEvent{Sequence: r.sequence, Action: machine.SequenceEvent_STOP})
	}()

	for i, p := range r.phases {
		if err := b.runPhase(ctx, r, p); err != nil {
			return fmt.Errorf("error running phase %d in %s sequence: %w", i+1, r.sequence, err)
		}
	}

	return ctx.Err()
}

func (b *boot) runPhase(ctx context.Context, r request, p phase) error {
	if p.stage != runtime.MachineStageUnknown {
		b.status.setStage(p.stage)
	}

	b.logs.Printf("phase %s: %d task(s)", p.name, len(p.tasks))
	b.events.Publish(r.actor, &machine.PhaseEvent{Phase: p.name, Action: machine.PhaseEvent_START})

	defer b.events.Publish(r.actor, &machine.PhaseEvent{Phase: p.name, Action: machine.PhaseEvent_STOP})

	for _, t := range p.tasks {
		b.events.Publish(r.actor, &machine.TaskEvent{Task: t.name, Action: machine.TaskEvent_START})

		if t.run != nil {
			if err := t.run(ctx); err != nil {
				b.logs.Printf("task %s: failed: %v", t.name, err)

				return fmt.Errorf("task %s: failed, %w", t.name, err)
			}
		}

		b.logs.Printf("task %s: done", t.name)
		b.events.Publish(r.actor, &machine.TaskEvent{Task: t.name, Action: machine.TaskEvent_STOP})
	}

	return nil
}
