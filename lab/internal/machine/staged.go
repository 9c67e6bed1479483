package machine

import (
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"

	"phoebe.dev/lab/internal/machine/disk"
)

// stageUpgrade remembers a system for the next boot, and reboots: that boot installs it, and boots it.
func (b *boot) stageUpgrade(actor string, system disk.System) (*machine.UpgradeResponse, error) {
	table, err := b.disk.Table()
	if err != nil {
		return nil, err
	}

	table.Staged = &system
	if err := b.disk.SetTable(table); err != nil {
		return nil, err
	}

	phases := append(b.stopping(), step("reboot", "reboot", nil))
	b.submit(request{
		sequence: "stageUpgrade", actor: actor, stage: runtime.MachineStageRebooting, then: rebooted, phases: phases, reason: "upgrade",
	})

	return &machine.UpgradeResponse{Messages: []*machine.Upgrade{{Ack: "Upgrade request received", ActorId: actor}}}, nil
}

// installStaged installs what an earlier boot was told to; false where there is nothing.
func (b *boot) installStaged() (bool, error) {
	table, err := b.disk.Table()
	if err != nil || table.Staged == nil {
		return false, err
	}

	system := *table.Staged
	table.Staged = nil

	if err := b.disk.SetTable(table); err != nil {
		return false, err
	}

	return true, b.installUpgrade(system)
}
