package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// cut takes the machine off the network, or brings it back.
func (m *Machine) cut(cut bool) {
	m.wire.set(cut)

	b := m.booted()
	if b == nil {
		return
	}

	if plane := b.plane(); plane != nil {
		plane.Pause(cut)
	}

	b.attend()
	b.changed.notify()
}

// loseEtcd has the node's member removed by the others, as `talosctl etcd remove-member` does. Talos keeps the data of a
// member that was removed, so its etcd ends at each start, and never joins again by itself.
func (m *Machine) loseEtcd(ctx context.Context) error {
	b := m.booted()
	if b == nil {
		return errors.New("the machine is off")
	}

	plane := b.plane()
	if plane == nil {
		return errors.New("it runs no etcd")
	}

	if err := plane.LoseEtcd(ctx); err != nil {
		return err
	}

	m.attendance.lostEtcd()

	return nil
}

// forgetEtcd empties etcd's folder, and starts the machine again: it then joins its cluster as a new member.
func (m *Machine) forgetEtcd(context.Context) error {
	m.switching.Lock()
	defer m.switching.Unlock()

	m.powerOff()

	if err := os.RemoveAll(filepath.Join(m.disk.Ephemeral(), "lib", "etcd")); err != nil {
		return fmt.Errorf("etcd's data: %w", err)
	}

	m.powerOn()

	return nil
}
