package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// FaultKind is all that is to be said of a fault.
type FaultKind struct {
	Fault Fault
	What  string // a sentence for a person

	lasts bool                                  // until it is mended or used up: the machine has it
	begin func(*Machine, context.Context) error // what is done at once; a fault that cannot begin is not there
	end   func(*Machine, context.Context) error // what mends it; a fault that cannot be ended stays
	obey  func(*Machine)                        // what follows each time that the machine has got it or has lost it
}

// Faults are all kinds, in the order in which they are mended: what needs the network comes after what cuts it.
var Faults = []FaultKind{
	{Fault: FaultOff, What: "switched off", begin: does((*Machine).PowerOff)},
	{Fault: FaultOn, What: "switched on", begin: does((*Machine).PowerOn)},
	{Fault: FaultWipe, What: "switched off, given an empty disk, and switched on", begin: does((*Machine).Wipe)},
	{
		Fault: FaultDrop, lasts: true, obey: func(m *Machine) { m.cut(m.faults.has(FaultDrop)) },
		What: "its network is cut: its API drops every connection, its etcd and API server answer nobody, until it is mended",
	},
	{
		Fault: FaultBlockDrain, lasts: true, begin: (*Machine).blockDrain, end: (*Machine).unblockDrain,
		What: "a disruption budget allows no eviction of the pods that are on it now, until it is mended",
	},
	{
		Fault: FaultLoseEtcd, lasts: true, begin: (*Machine).loseEtcd, end: (*Machine).forgetEtcd,
		What: "its etcd member is removed by the others, and etcd does not start any more; mended, it joins anew with an empty etcd",
	},
	{Fault: FaultNoReturn, lasts: true, What: "does not come back from its next reboot, until it is mended"},
	{Fault: FaultFallback, lasts: true, What: "its next boot is of the other boot slot, the old system; used up by that boot"},
	{Fault: FaultEmpty, lasts: true, What: "comes back from its next reboot with an empty disk; used up by that boot"},
	{Fault: FaultSlow, lasts: true, What: fmt.Sprintf("each boot takes %s more, until it is mended", slowness)},
	{Fault: FaultRefusePull, lasts: true, What: "installer images, and those that a client asks it to pull, cannot be pulled, until it is mended"},
	{
		Fault: FaultLatePods, lasts: true,
		What: fmt.Sprintf("its kubelet sees changed static pods after %s only (a real one looks every 20s), until it is mended", lateness),
	},
	// Its begin is the whole of this table: Fault knows it by name.
	{Fault: FaultMend, What: "all of the above is ended, and the machine switched on"},
}

// does is how a fault begins that cannot fail to.
func does(what func(*Machine)) func(*Machine, context.Context) error {
	return func(m *Machine, _ context.Context) error {
		what(m)

		return nil
	}
}

// Fault has something go wrong with the machine, or mends it.
func (m *Machine) Fault(ctx context.Context, fault Fault) error {
	if fault == FaultMend {
		return m.mend(ctx)
	}

	i := slices.IndexFunc(Faults, func(kind FaultKind) bool { return kind.Fault == fault })
	if i < 0 {
		return fmt.Errorf("no fault is called %q: `npm run lab -- fault --list` shows all", fault)
	}

	kind := Faults[i]

	if kind.begin != nil {
		if err := kind.begin(m, ctx); err != nil {
			return fmt.Errorf("machine %s, fault %s: %w", m.options.Name, fault, err)
		}
	}

	m.note("fault", string(fault))

	if !kind.lasts {
		return nil
	}

	if err := m.faults.add(fault); err != nil {
		return err
	}

	if kind.obey != nil {
		kind.obey(m)
	}

	return nil
}

// mend ends all faults. What cannot be ended stays a fault, and can be mended again.
func (m *Machine) mend(ctx context.Context) error {
	var all error

	for _, kind := range Faults {
		if kind.lasts && m.faults.has(kind.Fault) {
			all = errors.Join(all, m.endFault(ctx, kind))
		}
	}

	m.note("mended", strings.Join(m.faults.all(), ", "))
	m.PowerOn()

	return all
}

func (m *Machine) endFault(ctx context.Context, kind FaultKind) error {
	if kind.end != nil {
		if err := kind.end(m, ctx); err != nil {
			return fmt.Errorf("machine %s, mending %s: %w", m.options.Name, kind.Fault, err)
		}
	}

	err := m.faults.remove(kind.Fault)

	if kind.obey != nil {
		kind.obey(m)
	}

	return err
}
