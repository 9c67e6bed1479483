package daemon

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/endpoint"
	"phoebe.dev/lab/internal/factory"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/machine"
)

// Plant is the machines of a lab.
type Plant interface {
	Add(folder.Machine) error
	Snapshots() []machine.Snapshot
	// Fault has something go wrong with a machine, or mends it.
	Fault(ctx context.Context, name string, kind machine.Fault) error
	// Backends are the machines with these names, as an endpoint sees them.
	Backends(names []string) []endpoint.Backend
	// Close switches all off and waits until nothing of them runs.
	Close() error
}

// ErrNoMachine says that a lab has no machine of a name.
var ErrNoMachine = errors.New("the lab has no such machine")

// fabric is the simulated machines behind Plant.
type fabric struct {
	*machine.Fabric
	schematic string // of the medium that every machine is bought with
}

// NewPlant has simulated machines that run these programs, pull images where that is allowed, and are bought with plain Talos of this factory.
func NewPlant(
	f folder.Folder, binaries func(kubernetesVersion string) (controlplane.Binaries, error), pullable func(ref string) error, images *factory.Factory,
) (Plant, error) {
	plain, _, err := images.Put(&factory.Schematic{})
	if err != nil {
		return nil, err
	}

	return fabric{Fabric: machine.NewFabric(machine.FabricOptions{
		Dir: f.Machines(), Binaries: binaries, Images: pullable, Extensions: images.Installed, Log: log.Printf,
	}), schematic: plain}, nil
}

func (f fabric) Add(bought folder.Machine) error {
	address, err := netip.ParseAddr(bought.Address)
	if err != nil {
		return err
	}

	_, err = f.Fabric.Add(machine.Options{
		Name: bought.Name, Address: address, Arch: bought.Arch, MediumVersion: bought.Talos, Schematic: f.schematic,
	})

	return err
}

func (f fabric) Snapshots() []machine.Snapshot {
	snapshots := []machine.Snapshot{}
	for _, m := range f.Machines() {
		snapshots = append(snapshots, m.Snapshot())
	}

	return snapshots
}

func (f fabric) named(name string) *machine.Machine {
	for _, m := range f.Machines() {
		if m.Snapshot().Name == name {
			return m
		}
	}

	return nil
}

func (f fabric) Fault(ctx context.Context, name string, kind machine.Fault) error {
	m := f.named(name)
	if m == nil {
		return fmt.Errorf("%s: %w", name, ErrNoMachine)
	}

	return m.Fault(ctx, kind)
}

func (f fabric) Backends(names []string) []endpoint.Backend {
	var backends []endpoint.Backend

	for _, name := range names {
		if m := f.named(name); m != nil {
			backends = append(backends, m.Backend())
		}
	}

	return backends
}
