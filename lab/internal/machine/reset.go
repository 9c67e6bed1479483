package machine

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Reset wipes the machine, or the partitions that the request names. A graceful one
// leaves etcd first; where that fails, nothing is wiped.
func (s *server) Reset(_ context.Context, in *machine.ResetRequest) (*machine.ResetResponse, error) {
	if len(in.GetUserDisksToWipe()) > 0 || in.GetMode() == machine.ResetRequest_USER_DISKS {
		return nil, status.Error(codes.Unimplemented, "wiping user disks is not implemented by the simulated machine")
	}

	for _, partition := range in.GetSystemPartitionsToWipe() {
		if _, ok := s.wipes()[partition.GetLabel()]; !ok {
			return nil, status.Errorf(codes.NotFound, "failed to get volume status with label %q", partition.GetLabel())
		}
	}

	actor := uuid.NewString()
	s.logs.Printf("reset request received. actorID: %s", actor)
	s.submit(s.resetSequence(actor, in))

	return &machine.ResetResponse{Messages: []*machine.Reset{{ActorId: actor}}}, nil
}

func (b *boot) resetSequence(actor string, in *machine.ResetRequest) request {
	r := request{sequence: "reset", actor: actor, stage: runtime.MachineStageResetting, then: halted}

	if in.GetGraceful() {
		// Talos stops all pods before it leaves etcd. A node whose leave is refused keeps
		// its etcd, and has no kubelet until it is rebooted.
		r.phases = append(r.phases, step("cleanup", "removeAllPods", func(context.Context) error {
			b.stopKubelet()

			return nil
		}), step("leave", "leaveEtcd", b.leaveEtcd))
	}

	r.phases = append(r.phases, step("preReset", "sendResetSignal", func(context.Context) error {
		b.withdraw()

		return nil
	}))
	r.phases = append(r.phases, b.stopping()...)
	r.phases = append(r.phases, b.wiping(in))

	if in.GetReboot() {
		r.then = rebooted
		r.phases = append(r.phases, step("reboot", "reboot", nil))
	} else {
		r.phases = append(r.phases, step("shutdown", "shutdown", nil))
	}

	return r
}

// wiping is the phase that empties the disk, or the named partitions of it.
func (b *boot) wiping(in *machine.ResetRequest) phase {
	if len(in.GetSystemPartitionsToWipe()) == 0 {
		return step("reset", "resetSystemDisk", func(context.Context) error {
			b.machine.note("reset", "the system disk is wiped")

			return errors.Join(b.disk.Wipe(), b.noNodeLeft())
		})
	}

	return step("resetSpec", "resetSystemDiskSpec", func(context.Context) error {
		for _, partition := range in.GetSystemPartitionsToWipe() {
			if !partition.GetWipe() {
				continue
			}

			b.machine.note("reset", fmt.Sprintf("partition %s is wiped", partition.GetLabel()))

			if err := b.wipes()[partition.GetLabel()](); err != nil {
				return err
			}
		}

		return b.noNodeLeft()
	})
}

// noNodeLeft notes that the machine is a node no more.
func (b *boot) noNodeLeft() error {
	if node, ok := b.node(); ok {
		b.machine.attendance.wiped(!node.Config.Machine().Type().IsControlPlane())
	}

	return nil
}

// wipes are the partitions that can be wiped by name.
func (b *boot) wipes() map[string]func() error {
	return map[string]func() error{
		constants.StatePartitionLabel:     b.disk.WipeState,
		constants.EphemeralPartitionLabel: b.disk.WipeEphemeral,
		constants.MetaPartitionLabel:      func() error { return nil },
	}
}
