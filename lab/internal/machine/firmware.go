package machine

import (
	"context"
	"fmt"
	"time"
)

const (
	// firmwareTime is how long a machine takes from power to its operating system.
	firmwareTime = 500 * time.Millisecond
	// slowness is how much longer a slow machine takes.
	slowness = 15 * time.Second
)

// firmware is what happens between power and the operating system; false when the power is cut.
func (m *Machine) firmware(ctx context.Context, duration time.Duration) (bool, error) {
	if !m.comesBack(ctx) {
		return false, nil
	}

	if m.faults.has(FaultSlow) {
		duration += slowness
	}

	if !m.await(ctx, duration, FaultSlow) {
		return false, nil
	}

	if empty, err := m.faults.useUp(FaultEmpty); err != nil {
		return false, err
	} else if empty {
		m.note("empty", "the disk is a new one")

		if err := m.disk.Wipe(); err != nil {
			return false, err
		}
	}

	return true, m.fallBack()
}

// comesBack blocks while the machine hangs; false when the power is cut.
func (m *Machine) comesBack(ctx context.Context) bool {
	for {
		changed := m.faults.changed.wait()
		if !m.faults.has(FaultNoReturn) {
			return true
		}

		m.setStage("hung")

		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// await lets time pass, and no more of it once the fault that made it long is mended.
func (m *Machine) await(ctx context.Context, duration time.Duration, because Fault) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()

	slow := m.faults.has(because)

	for {
		changed := m.faults.changed.wait()
		if slow && !m.faults.has(because) {
			return ctx.Err() == nil
		}

		select {
		case <-timer.C:
			return true
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// fallBack makes the other boot slot the one that boots, where the machine is to fall back and has one: what Talos's boot
// loader does when a new system does not come up.
func (m *Machine) fallBack() error {
	table, err := m.disk.Table()
	if err != nil || table.Previous == nil || !m.faults.has(FaultFallback) {
		return err
	}

	m.note("fell back", fmt.Sprintf("from %s to %s", table.Active.Version, table.Previous.Version))
	table.Active, table.Previous = table.Previous, table.Active

	if err := m.disk.SetTable(table); err != nil {
		return err
	}

	return m.faults.remove(FaultFallback)
}
