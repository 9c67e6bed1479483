package machine

import (
	"context"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// Reboot implements machine.MachineService.
func (s *server) Reboot(_ context.Context, in *machine.RebootRequest) (*machine.RebootResponse, error) {
	actor := uuid.NewString()
	s.logs.Printf("reboot via API received. actor id: %s", actor)
	s.submit(s.reboot(actor, in.GetMode() == machine.RebootRequest_FORCE))

	return &machine.RebootResponse{Messages: []*machine.Reboot{{ActorId: actor}}}, nil
}

// Shutdown implements machine.MachineService.
func (s *server) Shutdown(context.Context, *machine.ShutdownRequest) (*machine.ShutdownResponse, error) {
	actor := uuid.NewString()
	s.logs.Printf("shutdown via API received. actor id: %s", actor)
	s.submit(request{
		sequence: "shutdown",
		actor:    actor,
		stage:    runtime.MachineStageShuttingDown,
		then:     halted,
		phases:   append(s.stopping(), step("shutdown", "shutdown", nil)),
	})

	return &machine.ShutdownResponse{Messages: []*machine.Shutdown{{ActorId: actor}}}, nil
}

// reboot is the reboot sequence; by force it stops nothing first.
func (b *boot) reboot(actor string, force bool) request {
	r := request{sequence: "reboot", actor: actor, stage: runtime.MachineStageRebooting, then: rebooted}

	if table, err := b.disk.Table(); err == nil && table.Active != nil && *table.Active != b.system {
		r.reason = "upgrade" // it boots another system than the one that runs
	}

	if !force {
		r.phases = b.stopping()
	}

	r.phases = append(r.phases, step("reboot", "reboot", nil))

	return r
}

// stopping are the phases that take a node down in order. A client that tracks a reboot
// drops its events stream at stopAllServices and connects again.
func (b *boot) stopping() []phase {
	return []phase{
		step("cleanup", "stopAllPods", func(context.Context) error {
			b.setUp(false)
			b.stopKubelet()

			return nil
		}),
		step("stopServices", "stopServicesForUpgrade", func(context.Context) error {
			b.stopControlPlane()

			return nil
		}),
		step("umount", "unmountPodMounts", nil),
		step("volumeFinalize", "teardownLifecycle", nil),
		step("stopEverything", "stopAllServices", nil),
	}
}
