// Package journal keeps what a boot has to tell: its events and its logs. Both are
// lost with the boot, as on a real machine.
package journal

import (
	"context"
	"sync"
	"time"

	"github.com/rs/xid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// keptEvents is how many events a late watcher can be told at least, once there were so many.
const keptEvents = 1000

// Event is one event of the Talos API.
type Event struct {
	ID      xid.ID
	ActorID string
	Payload proto.Message
}

// Events is a boot's event stream.
type Events struct {
	mu      sync.Mutex
	first   int // position of kept[0] in the whole stream
	kept    []Event
	changed chan struct{}
}

// NewEvents makes an empty stream.
func NewEvents() *Events { return &Events{changed: make(chan struct{})} }

// Publish adds an event; actor is the ID of the call that caused it, or empty.
func (e *Events) Publish(actor string, payload proto.Message) {
	e.mu.Lock()
	defer e.mu.Unlock()

	e.kept = append(e.kept, Event{ID: xid.New(), ActorID: actor, Payload: payload})
	if len(e.kept) > 2*keptEvents { // seldom, as it is a copy
		excess := len(e.kept) - keptEvents
		e.kept = append([]Event(nil), e.kept[excess:]...)
		e.first += excess
	}

	close(e.changed)
	e.changed = make(chan struct{})
}

// Start finds where a watcher begins, as the request asks: at the next event unless a
// tail is wanted.
func (e *Events) Start(request *machine.EventsRequest) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()

	end := e.first + len(e.kept)

	switch {
	case request.GetTailEvents() < 0:
		return e.first, nil
	case request.GetTailEvents() > 0:
		return max(e.first, end-int(request.GetTailEvents())), nil
	case request.GetTailId() != "":
		id, err := xid.FromString(request.GetTailId())
		if err != nil {
			return 0, err
		}

		return e.position(func(ev Event) bool { return ev.ID.Compare(id) > 0 }), nil
	case request.GetTailSeconds() != 0:
		since := time.Now().Add(-time.Duration(request.GetTailSeconds()) * time.Second)

		return e.position(func(ev Event) bool { return ev.ID.Time().After(since) }), nil
	default:
		return end, nil
	}
}

func (e *Events) position(wanted func(Event) bool) int {
	for i, event := range e.kept {
		if wanted(event) {
			return e.first + i
		}
	}

	return e.first + len(e.kept)
}

// Next waits for the event at a position and gives the position after it.
func (e *Events) Next(ctx context.Context, position int) (Event, int, error) {
	for {
		e.mu.Lock()
		at := max(position, e.first)
		changed := e.changed

		if at < e.first+len(e.kept) {
			event := e.kept[at-e.first]
			e.mu.Unlock()

			return event, at + 1, nil
		}
		e.mu.Unlock()

		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, position, ctx.Err()
		}
	}
}

// Message is the event on the wire.
func (e Event) Message() (*machine.Event, error) {
	value, err := proto.Marshal(e.Payload)
	if err != nil {
		return nil, err
	}

	return &machine.Event{
		Data:    &anypb.Any{TypeUrl: "talos/runtime/" + string(e.Payload.ProtoReflect().Descriptor().FullName()), Value: value},
		Id:      e.ID.String(),
		ActorId: e.ActorID,
	}, nil
}
