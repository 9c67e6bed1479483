// Package machine simulates Talos machines: maintenance mode, the node's gRPC API,
// install, reboot, upgrade and reset. What a node runs is real where package
// controlplane runs it; the rest behaves as the version
// of Talos does that runs on it: 1.12, 1.13 or 1.14.
package machine

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/siderolabs/talos/pkg/machinery/extensions"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/machine/disk"
)

// FabricOptions say what all machines of a lab share.
type FabricOptions struct {
	// Dir holds a folder for each machine.
	Dir string
	// Binaries gives the real programs of a Kubernetes version.
	Binaries func(kubernetesVersion string) (controlplane.Binaries, error)
	// Images tells whether an image can be pulled; nil: all can.
	Images func(ref string) error
	// Extensions are those of a schematic's image of a Talos version; nil: none has any.
	Extensions func(schematic, talosVersion string) []extensions.Metadata
	// Log gets a line for each thing that happens to a machine.
	Log func(format string, args ...any)
	// Components make what runs on a configured node; the zero value makes the real ones.
	Components Components
}

// Fabric is all machines of one lab and the network between them.
type Fabric struct {
	options FabricOptions
	changed signal

	mu       sync.Mutex
	machines []*Machine
}

// NewFabric makes a fabric without machines.
func NewFabric(options FabricOptions) *Fabric {
	if options.Log == nil {
		options.Log = func(string, ...any) {}
	}

	if options.Images == nil {
		options.Images = func(string) error { return nil }
	}

	if options.Extensions == nil {
		options.Extensions = func(string, string) []extensions.Metadata { return nil }
	}

	options.Components = options.Components.withDefaults()

	return &Fabric{options: options}
}

// Add puts a machine on the fabric and switches it on. What an earlier run of the lab
// left on its disk is there again, as after a power cut.
func (f *Fabric) Add(options Options) (*Machine, error) {
	if err := options.check(); err != nil {
		return nil, err
	}

	f.mu.Lock()
	defer f.mu.Unlock()

	for _, other := range f.machines {
		if other.options.Name == options.Name || other.options.Address == options.Address {
			return nil, fmt.Errorf("machine %s at %s: machine %s at %s is already there",
				options.Name, options.Address, other.options.Name, other.options.Address)
		}
	}

	d, err := disk.Open(filepath.Join(f.options.Dir, options.Name))
	if err != nil {
		return nil, fmt.Errorf("machine %s: %w", options.Name, err)
	}

	if err := portIsFree(options.Address); err != nil {
		return nil, fmt.Errorf("machine %s: %w", options.Name, err)
	}

	faults, err := openFaults(filepath.Join(f.options.Dir, options.Name, "faults.json"))
	if err != nil {
		return nil, fmt.Errorf("machine %s: %w", options.Name, err)
	}

	m := &Machine{options: options, fabric: f, disk: d, faults: faults}
	m.wire.set(faults.has(FaultDrop))
	f.machines = append(f.machines, m)
	m.PowerOn()

	return m, nil
}

// Machines are all machines of the fabric, in the order they were added.
func (f *Fabric) Machines() []*Machine {
	f.mu.Lock()
	defer f.mu.Unlock()

	return append([]*Machine(nil), f.machines...)
}

// Close powers all machines off and waits until nothing of them runs.
func (f *Fabric) Close() error {
	var group sync.WaitGroup

	for _, m := range f.Machines() {
		group.Go(m.PowerOff)
	}

	group.Wait()

	var all error
	for _, m := range f.Machines() {
		all = errors.Join(all, m.failure())
	}

	return all
}
