package machine

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// repeatReady is how often a ready machine says so again. A client that waits for a
// reboot reconnects a second after it was cut off, and reads only new events: on a
// machine that boots this fast it would wait forever.
const repeatReady = time.Second

// machineStatus keeps the MachineStatus resource and its events.
type machineStatus struct {
	boot *boot

	mu    sync.Mutex
	stage runtime.MachineStage
	ready bool
}

func newMachineStatus(b *boot) *machineStatus {
	return &machineStatus{boot: b, stage: runtime.MachineStageBooting}
}

func (s *machineStatus) setStage(stage runtime.MachineStage) {
	s.mu.Lock()
	s.stage = stage
	s.mu.Unlock()

	s.boot.machine.setStage(stage.String())
	s.publish()
}

func (s *machineStatus) isReady() bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.ready
}

func (s *machineStatus) isStage(stage runtime.MachineStage) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.stage == stage
}

// watch publishes after every change, and repeats that the machine is ready.
func (s *machineStatus) watch(ctx context.Context) {
	repeat := time.NewTicker(repeatReady)
	defer repeat.Stop()

	for {
		changed := s.boot.changed.wait()
		s.boot.follow(ctx)
		s.publish()

		select {
		case <-changed:
		case <-repeat.C:
			if s.isStage(runtime.MachineStageRunning) && s.isReady() {
				s.event(nil)
			}
		case <-ctx.Done():
			return
		}
	}
}

// publish puts the resource; a change of it is an event.
func (s *machineStatus) publish() {
	unmet := s.boot.unmet()

	s.mu.Lock()
	wanted := runtime.NewMachineStatus()
	wanted.TypedSpec().Stage = s.stage
	wanted.TypedSpec().Status.Ready = len(unmet) == 0
	wanted.TypedSpec().Status.UnmetConditions = unmet
	s.ready = len(unmet) == 0

	ctx := context.Background()
	before, _ := s.boot.resources.Get(ctx, wanted.Metadata()) // none before the first
	err := s.boot.resources.Put(ctx, wanted)
	after, _ := s.boot.resources.Get(ctx, wanted.Metadata()) // Put tells
	s.mu.Unlock()

	if err != nil {
		s.boot.machine.fail(err)

		return
	}

	if before == nil || !before.Metadata().Version().Equal(after.Metadata().Version()) {
		s.event(unmet)
	}
}

func (s *machineStatus) event(unmet []runtime.UnmetCondition) {
	s.mu.Lock()
	stage := s.stage
	s.mu.Unlock()

	status := &machine.MachineStatusEvent_MachineStatus{Ready: len(unmet) == 0}
	for _, condition := range unmet {
		status.UnmetConditions = append(status.UnmetConditions, &machine.MachineStatusEvent_MachineStatus_UnmetCondition{
			Name: condition.Name, Reason: condition.Reason,
		})
	}

	s.boot.events.Publish("", &machine.MachineStatusEvent{Stage: machine.MachineStatusEvent_MachineStage(stage), Status: status})
}

// unmet are Talos's readiness checks; they count while booting and running.
func (b *boot) unmet() []runtime.UnmetCondition {
	if !b.status.isStage(runtime.MachineStageBooting) && !b.status.isStage(runtime.MachineStageRunning) {
		return nil
	}

	var unmet []runtime.UnmetCondition

	for _, check := range []struct {
		name     string
		problems []string
	}{
		{"services", b.services.problems(b.requiredServices()...)},
		{"staticPods", b.podProblems()},
		{"nodeReady", b.nodeProblems()},
	} {
		if len(check.problems) > 0 {
			unmet = append(unmet, runtime.UnmetCondition{Name: check.name, Reason: strings.Join(check.problems, ", ")})
		}
	}

	return unmet
}

// setStageFrom changes the stage unless it has moved on by itself.
func (s *machineStatus) setStageFrom(from, to runtime.MachineStage) {
	if s.isStage(from) {
		s.setStage(to)
	}
}

func (b *boot) requiredServices() []string {
	required := []string{"apid", "machined", "kubelet"}

	if node, ok := b.node(); ok && node.Config.Machine().Type().IsControlPlane() {
		required = append(required, etcdService, "trustd")
	}

	return required
}
