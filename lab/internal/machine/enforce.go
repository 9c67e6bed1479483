package machine

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	configres "github.com/siderolabs/talos/pkg/machinery/resources/config"
)

// apply brings a valid config into force.
func (b *boot) apply(ctx context.Context, mode machine.ApplyConfigurationRequest_Mode, cfg config.Provider, maintenance bool) error {
	if maintenance {
		return b.applyInMaintenance(ctx, mode, cfg)
	}

	if err := b.disk.SetConfig(cfg); err != nil {
		return fmt.Errorf("storing the machine config: %w", err)
	}

	if err := b.put(ctx, configres.NewMachineConfigWithID(cfg, configres.PersistentID)); err != nil {
		return err
	}

	switch mode {
	case modeStaged:
		b.machine.note("config staged", "for the next boot")

		return nil
	case modeReboot:
		b.applyRebooted = true
		b.machine.note("config applied", "with a reboot")
		b.submit(b.reboot(uuid.NewString(), false))

		return nil
	default:
		b.machine.note("config applied", "live")

		return b.applyLive(ctx, cfg)
	}
}

func (b *boot) applyInMaintenance(ctx context.Context, mode machine.ApplyConfigurationRequest_Mode, cfg config.Provider) error {
	switch {
	case mode == modeStaged && b.device == "":
		return nil // there is no STATE partition to keep it on
	case mode == modeStaged:
		return b.disk.SetConfig(cfg)
	case !cfg.CompleteForBoot():
		return b.put(ctx, configres.NewMachineConfigWithID(cfg, configres.ActiveID))
	default:
		return b.leaveMaintenance(cfg)
	}
}

// applyLive makes a config the active one without a reboot. What does not differ is not
// touched: neither a resource's version, nor a service.
func (b *boot) applyLive(ctx context.Context, cfg config.Provider) error {
	if err := b.setConfig(ctx, cfg); err != nil {
		return err
	}

	b.announce()

	if _, err := b.issueCredentials(); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}

	if plane := b.plane(); plane != nil {
		if err := plane.Update(cfg); err != nil {
			return fmt.Errorf("control plane: %w", err)
		}
	}

	node, _ := b.node()

	changed, err := b.putKubeletSpec(ctx, node)
	if err != nil {
		return err
	}

	if changed && b.isUp() {
		b.stopKubelet()

		return b.startKubelet()
	}

	// Labels, annotations and taints come into force without a restart.
	if running := b.kubelet(); running != nil {
		running.Update(cfg)
	}

	return nil
}
