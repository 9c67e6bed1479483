package machine

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"phoebe.dev/lab/internal/machine/disk"
)

// memberTimeout bounds the question whether an etcd member answers.
const memberTimeout = 5 * time.Second

// Upgrade is the older call: it installs the image in the other boot slot and reboots.
// Unless forced it first looks whether etcd can spare this node.
func (s *server) Upgrade(ctx context.Context, in *machine.UpgradeRequest) (*machine.UpgradeResponse, error) {
	system, err := s.upgradeImage(in.GetImage())
	if err != nil {
		return nil, err
	}

	skip := in.GetForce() || in.GetPreserve() && s.release().preserveSkipsEtcd()
	if node, ok := s.node(); ok && node.Config.Machine().Type().IsControlPlane() && !skip {
		if err := s.etcdSparesThisNode(ctx); err != nil {
			return nil, fmt.Errorf("error validating etcd for upgrade: %w", err)
		}
	}

	actor := uuid.NewString()
	if in.GetStage() {
		return s.stageUpgrade(actor, system)
	}

	phases := append(s.stopping()[:2], step("upgrade", "upgrade", func(context.Context) error { return s.installUpgrade(system) }))
	phases = append(phases, phase{name: "kexec", stage: runtime.MachineStageRebooting, tasks: []task{{name: "kexecPrepare"}}})
	phases = append(phases, step("stopEverything", "stopAllServices", nil), step("reboot", "reboot", nil))

	s.submit(request{sequence: "upgrade", actor: actor, stage: runtime.MachineStageUpgrading, then: rebooted, phases: phases})

	return &machine.UpgradeResponse{Messages: []*machine.Upgrade{{Ack: "Upgrade request received", ActorId: actor}}}, nil
}

// upgradeImage checks that there is something to upgrade, and gets the image.
func (b *boot) upgradeImage(image string) (disk.System, error) {
	if b.device == "" {
		return disk.System{}, status.Error(codes.FailedPrecondition, "Talos is not installed")
	}

	if image == "" {
		return disk.System{}, status.Error(codes.InvalidArgument, "installer image name is required")
	}

	system, err := b.pull(image)
	if err != nil {
		return disk.System{}, fmt.Errorf("error validating installer image %q: %w", image, err)
	}

	return system, nil
}

// installUpgrade puts a system into the other boot slot, and makes that one boot next.
func (b *boot) installUpgrade(system disk.System) error {
	table, err := b.disk.Table()
	if err != nil {
		return err
	}

	running := b.system
	table.Previous, table.Active = &running, &system

	b.logs.Printf("upgrading Talos %s to %s on disk %s", b.system.Version, system.Version, b.device)
	b.machine.note("upgraded", system.Version+" from "+system.Image)

	if err := b.disk.SetTable(table); err != nil {
		return err
	}

	b.machine.mu.Lock()
	b.machine.upgrades++
	b.machine.mu.Unlock()

	return nil
}

// Rollback makes the other boot slot boot again.
func (s *server) Rollback(context.Context, *machine.RollbackRequest) (*machine.RollbackResponse, error) {
	table, err := s.disk.Table()
	if err != nil {
		return nil, err
	}

	if table.Previous == nil {
		return nil, status.Error(codes.FailedPrecondition, "the other boot slot is empty")
	}

	table.Active, table.Previous = table.Previous, table.Active
	if err := s.disk.SetTable(table); err != nil {
		return nil, err
	}

	s.submit(s.reboot(uuid.NewString(), false))

	return &machine.RollbackResponse{Messages: []*machine.Rollback{{}}}, nil
}

// etcdSparesThisNode is Talos's check of the older upgrade call.
func (s *server) etcdSparesThisNode(ctx context.Context) error {
	_, err := withEtcd(s, "upgrade", func(client *clientv3.Client) (struct{}, error) {
		list, err := client.MemberList(clientv3.WithRequireLeader(ctx))
		if err != nil {
			return struct{}{}, err
		}

		if len(list.Members) == 2 {
			return struct{}{}, fmt.Errorf("etcd member count(2) is insufficient to maintain quorum if upgrade commences")
		}

		for _, m := range list.Members {
			if m.Name == "" {
				return struct{}{}, fmt.Errorf("etcd member %016x is not started, all members must be running to perform an upgrade", m.ID)
			}

			asked, cancel := context.WithTimeout(ctx, memberTimeout)
			_, err := client.Status(asked, m.ClientURLs[0])

			cancel()

			if err != nil {
				return struct{}{}, fmt.Errorf("etcd member %016x is not healthy; all members must be healthy to perform an upgrade: %w", m.ID, err)
			}
		}

		return struct{}{}, nil
	})

	return err
}
