package machine

import (
	"context"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	configres "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// maintenance serves the API without certificates until a complete config is applied.
func (b *boot) maintenance(ctx context.Context, partial config.Provider) (outcome, error) {
	stop, err := b.serveMaintenance(ctx)
	if err != nil {
		return halted, err
	}
	defer stop()

	if partial != nil {
		if err := b.put(ctx, configres.NewMachineConfigWithID(partial, configres.ActiveID)); err != nil {
			return halted, err
		}
	}

	b.logs.Printf("entering maintenance service, API reachable at %s", b.machine.options.apiAddress())
	b.events.Publish("", &machine.TaskEvent{Task: "runningMaintenance", Action: machine.TaskEvent_START})
	b.status.setStage(runtime.MachineStageMaintenance)

	how := b.serve(ctx)
	if how == continued {
		b.events.Publish("", &machine.TaskEvent{Task: "runningMaintenance", Action: machine.TaskEvent_STOP})
	}

	return how, nil
}

// inMaintenance: callers may apply a config without being administrators.
func (b *boot) inMaintenance() bool {
	_, configured := b.node()

	return !configured
}

// leaveMaintenance takes the first complete config: it is installed with, or the
// installed system goes on booting with it.
func (b *boot) leaveMaintenance(cfg config.Provider) error {
	if b.device == "" {
		return b.install(cfg)
	}

	if err := b.disk.SetConfig(cfg); err != nil {
		return fmt.Errorf("storing the machine config: %w", err)
	}

	if !b.submit(request{
		sequence: "initialize",
		phases:   []phase{step("config", "loadConfig", func(ctx context.Context) error { return b.setConfig(ctx, cfg) })},
		then:     continued,
	}) {
		return errBusy
	}

	return nil
}
