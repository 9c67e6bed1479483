package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
)

// Fault is something that goes wrong with a machine when it is told to.
type Fault string

// All faults; Faults says what each does.
const (
	FaultOff        Fault = "off"
	FaultOn         Fault = "on"
	FaultWipe       Fault = "wipe"
	FaultNoReturn   Fault = "no-return"
	FaultFallback   Fault = "fallback"
	FaultEmpty      Fault = "empty"
	FaultSlow       Fault = "slow"
	FaultDrop       Fault = "drop"
	FaultRefusePull Fault = "refuse-pull"
	FaultLatePods   Fault = "late-pods"
	FaultLoseEtcd   Fault = "lose-etcd"
	FaultBlockDrain Fault = "block-drain"
	FaultMend       Fault = "mend"
)

// Faults are all kinds, each with a sentence for a person.
var Faults = []struct {
	Kind Fault
	What string
}{
	{FaultOff, "switched off"},
	{FaultOn, "switched on"},
	{FaultWipe, "switched off, given an empty disk, and switched on"},
	{FaultNoReturn, "does not come back from its next reboot, until it is mended"},
	{FaultFallback, "its next boot is of the other boot slot, the old system; used up by that boot"},
	{FaultEmpty, "comes back from its next reboot with an empty disk; used up by that boot"},
	{FaultSlow, fmt.Sprintf("each boot takes %s more, until it is mended", slowness)},
	{FaultDrop, "its network is cut: its API drops every connection, its etcd and API server answer nobody, until it is mended"},
	{FaultRefusePull, "installer images, and those that a client asks it to pull, cannot be pulled, until it is mended"},
	{FaultLatePods, fmt.Sprintf("its kubelet sees changed static pods after %s only (a real one looks every 20s), until it is mended", lateness)},
	{FaultLoseEtcd, "its etcd member is removed by the others, and etcd does not start any more; mended, it joins anew with an empty etcd"},
	{FaultBlockDrain, "a disruption budget allows no eviction of the pods that are on it now, until it is mended"},
	{FaultMend, "all of the above is ended, and the machine switched on"},
}

// kept are the faults that last until they are mended or used up.
var kept = []Fault{FaultNoReturn, FaultFallback, FaultEmpty, FaultSlow, FaultDrop, FaultRefusePull, FaultLatePods, FaultLoseEtcd, FaultBlockDrain}

// Fault has something go wrong with the machine, or mends it.
func (m *Machine) Fault(ctx context.Context, kind Fault) error {
	var err error

	switch kind {
	case FaultOff:
		m.PowerOff()
	case FaultOn:
		m.PowerOn()
	case FaultWipe:
		m.Wipe()
	case FaultMend:
		return m.mend(ctx)
	case FaultLoseEtcd:
		err = m.loseEtcd(ctx)
	case FaultBlockDrain:
		err = m.blockDrain(ctx)
	case FaultNoReturn, FaultFallback, FaultEmpty, FaultSlow, FaultDrop, FaultRefusePull, FaultLatePods:
	default:
		return fmt.Errorf("no fault is called %q: `npm run lab -- fault --list` shows all", kind)
	}

	if err != nil {
		return fmt.Errorf("machine %s, fault %s: %w", m.options.Name, kind, err)
	}

	m.note("fault", string(kind))

	if !slices.Contains(kept, kind) {
		return nil
	}

	if err := m.faults.add(kind); err != nil {
		return err
	}

	m.cut(m.faults.has(FaultDrop))

	return nil
}

// mend ends all faults. What cannot be ended stays a fault, and can be mended again.
func (m *Machine) mend(ctx context.Context) error {
	all := m.faults.remove(FaultDrop)
	m.cut(false)

	for _, step := range []struct {
		fault Fault
		mend  func(context.Context) error
	}{
		{FaultBlockDrain, m.unblockDrain},
		{FaultLoseEtcd, func(context.Context) error { return m.forgetEtcd() }},
	} {
		if !m.faults.has(step.fault) {
			continue
		}

		if err := step.mend(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("machine %s, mending %s: %w", m.options.Name, step.fault, err))

			continue
		}

		all = errors.Join(all, m.faults.remove(step.fault))
	}

	for _, fault := range kept {
		if fault != FaultBlockDrain && fault != FaultLoseEtcd {
			all = errors.Join(all, m.faults.remove(fault))
		}
	}

	m.note("mended", strings.Join(m.faults.all(), ", "))
	m.PowerOn()

	return all
}

// faults are those that a machine has now. They are of the machine and not on its disk: neither a wipe nor an end of the
// lab mends it.
type faults struct {
	path    string
	changed signal

	mu   sync.Mutex
	list []Fault
}

func openFaults(path string) (*faults, error) {
	f := &faults{path: path}

	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}

	if err == nil {
		err = json.Unmarshal(data, &f.list)
	}

	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to have a machine without faults", path, err)
	}

	return f, nil
}

func (f *faults) has(fault Fault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()

	return slices.Contains(f.list, fault)
}

func (f *faults) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()

	all := []string{}
	for _, fault := range f.list {
		all = append(all, string(fault))
	}

	return all
}

func (f *faults) add(fault Fault) error {
	return f.change(func(list []Fault) []Fault {
		if slices.Contains(list, fault) {
			return list
		}

		return append(list, fault)
	})
}

func (f *faults) remove(fault Fault) error {
	return f.change(func(list []Fault) []Fault {
		return slices.DeleteFunc(list, func(other Fault) bool { return other == fault })
	})
}

// useUp takes a fault that is for one boot, and tells whether there was one.
func (f *faults) useUp(fault Fault) (bool, error) {
	if !f.has(fault) {
		return false, nil
	}

	return true, f.remove(fault)
}

func (f *faults) change(how func([]Fault) []Fault) error {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.list = how(slices.Clone(f.list))
	f.changed.notify()

	data, err := json.Marshal(f.list)
	if err != nil {
		return err
	}

	return os.WriteFile(f.path, data, 0o600)
}
