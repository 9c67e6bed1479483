package machine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"phoebe.dev/lab/internal/machine/disk"
)

// failurePause is how long a failed install stays to be read before the machine starts again.
const failurePause = 2 * time.Second

var errBusy = status.Error(codes.FailedPrecondition, "the machine is busy with another sequence")

// install puts the system that the config names on the disk that it names, and reboots
// into it. Until then the maintenance API still answers.
func (b *boot) install(cfg config.Provider) error {
	ok := b.submit(request{
		sequence: "install",
		then:     rebooted,
		phases: []phase{
			{name: "install", stage: runtime.MachineStageInstalling, tasks: []task{{"install", func(ctx context.Context) error {
				err := b.installSystem(cfg)
				if err == nil {
					return nil
				}

				b.machine.note("install failed", err.Error())
				b.logs.Printf("install failed: %v; rebooting", err)

				select {
				case <-time.After(failurePause):
				case <-ctx.Done():
				}

				return nil // Talos starts again, and comes back in maintenance mode
			}}}},
			{name: "stopEverything", tasks: []task{{name: "stopAllServices"}}},
			{name: "reboot", stage: runtime.MachineStageRebooting, tasks: []task{{name: "reboot"}}},
		},
	})
	if !ok {
		return errBusy
	}

	return nil
}

func (b *boot) installSystem(cfg config.Provider) error {
	wanted := cfg.Machine().Install()

	device, err := b.installDisk(cfg)
	if err != nil {
		return err
	}

	system, err := b.pull(wanted.Image())
	if err != nil {
		return err
	}

	b.logs.Printf("installing Talos %s to disk %s", system.Version, device)

	if err := b.disk.Wipe(); err != nil {
		return err
	}

	if err := b.disk.SetTable(disk.Table{Device: device, Active: &system}); err != nil {
		return err
	}

	if err := b.disk.SetConfig(cfg); err != nil {
		return err
	}

	b.machine.note("installed", system.Version+" from "+wanted.Image())

	return nil
}

// pullable tells whether an image can be had.
func (b *boot) pullable(ref string) error {
	if b.machine.faults.has(FaultRefusePull) {
		return errors.New("the registry refuses it")
	}

	return b.fabric.options.Images(ref)
}

// pull gets an installer image. A digest is not looked at: it is one that pinned made.
func (b *boot) pull(image string) (disk.System, error) {
	tagged, _, _ := strings.Cut(image, "@")
	if err := b.pullable(tagged); err != nil {
		return disk.System{}, fmt.Errorf("pulling %s: %w", image, err)
	}

	return disk.FromImage(image)
}
