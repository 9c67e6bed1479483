package machine

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"phoebe.dev/lab/internal/controlplane"
)

// keptServiceEvents is how many events of a service Talos keeps.
const keptServiceEvents = 64

// services is the node's service table, as `talosctl services` shows it.
type services struct {
	boot *boot

	mu   sync.Mutex
	list []*service
}

type service struct {
	id      string
	status  controlplane.Status
	events  []*machine.ServiceEvent
	changed time.Time
}

func newServices(b *boot) *services { return &services{boot: b} }

// startEarly starts what runs in maintenance mode too.
func (s *services) startEarly() {
	for _, id := range []string{"machined", "apid", "auditd", "containerd", "syslogd", "udevd"} {
		s.set(controlplane.Status{Name: id, State: controlplane.Running, Healthy: true, Message: "Health check successful"})
	}
}

// set takes a service's state; only a change is an event.
func (s *services) set(status controlplane.Status) {
	s.mu.Lock()

	at := slices.IndexFunc(s.list, func(other *service) bool { return other.id == status.Name })
	if at < 0 {
		s.list = append(s.list, &service{id: status.Name})
		at = len(s.list) - 1
	}

	entry := s.list[at]
	if reflect.DeepEqual(entry.status, status) {
		s.mu.Unlock()

		return
	}

	entry.status, entry.changed = status, time.Now()
	entry.events = append(entry.events, &machine.ServiceEvent{Msg: status.Message, State: string(status.State), Ts: timestamppb.New(entry.changed)})

	if excess := len(entry.events) - keptServiceEvents; excess > 0 {
		entry.events = slices.Delete(entry.events, 0, excess)
	}

	health := entry.health()
	s.mu.Unlock()

	s.boot.logs.Printf("service[%s](%s): %s", status.Name, status.State, status.Message)
	s.boot.events.Publish("", &machine.ServiceStateEvent{
		Service: status.Name,
		Action:  machine.ServiceStateEvent_Action(machine.ServiceStateEvent_Action_value[strings.ToUpper(string(status.State))]),
		Message: status.Message,
		Health:  health,
	})
	s.publish(status)
	s.boot.changed.notify()
}

// publish keeps the COSI resource: it is there while the service runs.
func (s *services) publish(status controlplane.Status) {
	r := v1alpha1.NewService(status.Name)

	var err error

	if status.State == controlplane.Running {
		r.TypedSpec().Running, r.TypedSpec().Healthy = true, status.Healthy
		err = s.boot.resources.Put(context.Background(), r)
	} else {
		err = s.boot.resources.Drop(context.Background(), r.Metadata())
	}

	if err != nil {
		s.boot.machine.fail(fmt.Errorf("service resource: %w", err))
	}
}

// problems lists what is not up, by Talos's readiness rules.
func (s *services) problems(required ...string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	var problems []string

	for _, entry := range s.list {
		switch {
		case entry.status.State != controlplane.Running:
			problems = append(problems, entry.id+" not running")
		case !entry.status.Healthy:
			problems = append(problems, entry.id+" not healthy")
		}
	}

	for _, id := range required {
		if !slices.ContainsFunc(s.list, func(entry *service) bool { return entry.id == id }) {
			problems = append(problems, id+" not running")
		}
	}

	return problems
}

func (s *services) snapshot() []Service {
	s.mu.Lock()
	defer s.mu.Unlock()

	all := []Service{}
	for _, entry := range s.list {
		all = append(all, Service{ID: entry.id, State: string(entry.status.State), Healthy: entry.status.Healthy, Message: entry.status.Message})
	}

	return all
}

func (s *services) infos() []*machine.ServiceInfo {
	s.mu.Lock()
	defer s.mu.Unlock()

	var all []*machine.ServiceInfo

	for _, entry := range s.list {
		all = append(all, &machine.ServiceInfo{
			Id:     entry.id,
			State:  string(entry.status.State),
			Events: &machine.ServiceEvents{Events: slices.Clone(entry.events)},
			Health: entry.health(),
		})
	}

	slices.SortFunc(all, func(a, b *machine.ServiceInfo) int { return strings.Compare(a.GetId(), b.GetId()) })

	return all
}

// health is unknown unless the service runs.
func (e *service) health() *machine.ServiceHealth {
	health := &machine.ServiceHealth{LastChange: timestamppb.New(e.changed)}

	if e.status.State != controlplane.Running {
		health.Unknown = true

		return health
	}

	health.Healthy = e.status.Healthy
	if !health.Healthy {
		health.LastMessage = e.status.Message
	}

	return health
}

func (s *services) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.ContainsFunc(s.list, func(entry *service) bool { return entry.id == id })
}
