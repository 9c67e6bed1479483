package machine

import (
	"context"
	"fmt"
	"reflect"

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
	before, _ := b.node()

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

	agent := b.kubelet()
	if agent == nil {
		return nil
	}

	if kubeletChanged(before.Config, cfg) {
		b.stopKubelet()

		return b.startKubelet()
	}

	agent.Update(cfg)

	return nil
}

// kubeletChanged tells whether the kubelet has to be started anew; labels, annotations
// and taints come into force without.
func kubeletChanged(before, after config.Provider) bool {
	return !reflect.DeepEqual(before.RawV1Alpha1().MachineConfig.MachineKubelet, after.RawV1Alpha1().MachineConfig.MachineKubelet)
}
