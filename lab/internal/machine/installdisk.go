package machine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/block"
	"github.com/siderolabs/talos/pkg/machinery/cel"
	"github.com/siderolabs/talos/pkg/machinery/cel/celenv"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/proto"
	blockres "github.com/siderolabs/talos/pkg/machinery/resources/block"

	"phoebe.dev/lab/internal/machine/resources"
)

// installDisk is the disk that the config names, or the first that its selector matches.
func (b *boot) installDisk(cfg config.Provider) (string, error) {
	disks := resources.Disks(b.machine.options.Name)

	expression, err := cfg.Machine().Install().DiskMatchExpression()
	if err != nil {
		return "", fmt.Errorf("install disk selector: %w", err)
	}

	if expression != nil {
		return matchDisk(disks, *expression)
	}

	name := cfg.Machine().Install().Disk()
	if name == "" {
		return "", errors.New("the machine config names no install disk")
	}

	// Links by ID or path are of the hardware; the simulated machine's lead to one disk.
	if strings.HasPrefix(name, "/dev/disk/by-") {
		return disks[0].TypedSpec().DevPath, nil
	}

	for _, d := range disks {
		if d.TypedSpec().DevPath == name {
			return name, nil
		}
	}

	return "", fmt.Errorf("install disk %s is not there; the machine has %s", name, devices(disks))
}

func matchDisk(disks []*blockres.Disk, expression cel.Expression) (string, error) {
	for _, d := range disks {
		spec := &block.DiskSpec{}
		if err := proto.ResourceSpecToProto(d, spec); err != nil {
			return "", err
		}

		matches, err := expression.EvalBool(celenv.DiskLocator(), map[string]any{"disk": spec, "system_disk": false})
		if err != nil {
			return "", fmt.Errorf("install disk selector: %w", err)
		}

		if matches {
			return d.TypedSpec().DevPath, nil
		}
	}

	return "", fmt.Errorf("no disk matches the install disk selector %s; the machine has %s", expression, devices(disks))
}

func devices(disks []*blockres.Disk) string {
	var names []string
	for _, d := range disks {
		names = append(names, fmt.Sprintf("%s (%s, %s)", d.TypedSpec().DevPath, d.TypedSpec().Model, d.TypedSpec().PrettySize))
	}

	return strings.Join(names, ", ")
}
