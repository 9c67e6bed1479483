package controlplane

import (
	"context"
	"sync"
)

// State is a service's state, in Talos's words.
type State string

// Talos's service states.
const (
	Initialized State = "Initialized"
	Preparing   State = "Preparing"
	Waiting     State = "Waiting"
	Running     State = "Running"
	Stopping    State = "Stopping"
	Finished    State = "Finished"
	Failed      State = "Failed"
)

// Status tells how one service is. Name is "etcd" or a static pod's name.
type Status struct {
	Name    string
	State   State
	Healthy bool
	Message string
	// Image and Arguments are a static pod's, as its process was started with; empty before that.
	Image     string
	Arguments []string
	// Marks are those of the static pod that its process was started for.
	Marks map[string]string
}

// board keeps one Status and tells of its changes.
type board struct {
	changed func()
	mutex   sync.Mutex
	status  Status
	// next is closed at the next change.
	next chan struct{}
}

func newBoard(name string, changed func()) *board {
	return &board{changed: changed, status: Status{Name: name, State: Initialized}, next: make(chan struct{})}
}

func (b *board) get() Status {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	return b.status
}

// set changes state and message; only a running service stays healthy.
func (b *board) set(state State, message string) {
	b.update(func(status *Status) {
		status.State, status.Message = state, message
		status.Healthy = status.Healthy && state == Running
	})
}

// health notes a check's result for a running service.
func (b *board) health(err error) {
	b.update(func(status *Status) {
		if status.State != Running {
			return
		}

		status.Healthy = err == nil
		status.Message = "Health check successful"

		if err != nil {
			status.Message = "Health check failed: " + err.Error()
		}
	})
}

func (b *board) update(change func(*Status)) {
	b.mutex.Lock()
	before := b.status
	change(&b.status)
	after := b.status
	changed := before.State != after.State || before.Healthy != after.Healthy || before.Message != after.Message

	if changed {
		close(b.next)
		b.next = make(chan struct{})
	}
	b.mutex.Unlock()

	if changed {
		b.changed()
	}
}

func isHealthy(status Status) bool { return status.Healthy }

// await blocks until the status is as asked for; false when ctx ends before.
func (b *board) await(ctx context.Context, condition func(Status) bool) bool {
	for {
		b.mutex.Lock()
		status, next := b.status, b.next
		b.mutex.Unlock()

		if condition(status) {
			return true
		}

		select {
		case <-next:
		case <-ctx.Done():
			return false
		}
	}
}
