package machine

import (
	"context"
	"sync"
	"time"

	"phoebe.dev/lab/internal/machine/disk"
)

// Machine is the hardware: it keeps its disk, and boots whenever it has power.
type Machine struct {
	options Options
	fabric  *Fabric
	disk    *disk.Disk
	faults  *faults
	wire    wire

	// switching serializes PowerOn, PowerOff and Wipe.
	switching  sync.Mutex
	attendance attendance

	mu              sync.Mutex
	current         *boot // nil while off or in the firmware
	cancel          context.CancelFunc
	stopped         chan struct{}
	stage           string
	history         history
	boots, upgrades int
	member          affiliate
	err             error
}

// outcome is where a sequence leads.
type outcome int

const (
	continued outcome = iota // the boot goes on
	rebooted
	halted
)

// PowerOn switches the machine on; one that is on stays as it is.
func (m *Machine) PowerOn() {
	m.switching.Lock()
	defer m.switching.Unlock()

	m.powerOn()
}

func (m *Machine) powerOn() {
	m.mu.Lock()
	defer m.mu.Unlock()

	if m.stopped != nil {
		select {
		case <-m.stopped: // it shut itself down
		default:
			return
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	m.cancel, m.stopped = cancel, make(chan struct{})

	go m.run(ctx, m.stopped)
}

// PowerOff cuts the power and waits until nothing runs any more.
func (m *Machine) PowerOff() {
	m.switching.Lock()
	defer m.switching.Unlock()

	m.powerOff()
}

func (m *Machine) powerOff() {
	m.mu.Lock()
	cancel, stopped := m.cancel, m.stopped
	m.mu.Unlock()

	m.attendance.leave("off")

	if cancel != nil {
		cancel()
		<-stopped
	}
}

// Wipe puts in an empty disk: power off, wipe, power on.
func (m *Machine) Wipe() {
	m.switching.Lock()
	defer m.switching.Unlock()

	m.attendance.leave("wiped")
	m.powerOff()

	if err := m.disk.Wipe(); err != nil {
		m.fail(err)

		return
	}

	m.note("wiped", "the disk is empty")
	m.powerOn()
}

// run boots again and again until the power is off or the system halts.
func (m *Machine) run(ctx context.Context, stopped chan struct{}) {
	defer close(stopped)
	defer m.setStage("off")

	for wait := time.Duration(0); ; wait = firmwareTime {
		m.setStage("booting")

		if on, err := m.firmware(ctx, wait); err != nil {
			m.fail(err)

			return
		} else if !on {
			return
		}

		b, err := newBoot(ctx, m)
		if err != nil {
			m.fail(err)

			return
		}

		m.setBoot(b)
		m.counted()

		how, err := b.run(ctx)

		m.setBoot(nil)

		if err != nil && ctx.Err() == nil {
			m.attendance.leave("crashed")
			m.fail(err)

			return
		}

		if ctx.Err() != nil || how == halted {
			return
		}
	}
}

func (m *Machine) setBoot(b *boot) {
	m.mu.Lock()
	m.current = b
	m.mu.Unlock()

	m.fabric.changed.notify()
}

// counted notes that a boot begins.
func (m *Machine) counted() {
	m.attendance.booted()

	m.mu.Lock()
	m.boots++
	m.mu.Unlock()
}

// booted is the running system, or nil.
func (m *Machine) booted() *boot {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.current
}

// fail records what should not happen: a fault of the simulation, not of the node.
func (m *Machine) fail(err error) {
	m.mu.Lock()
	m.err = err
	m.mu.Unlock()

	m.note("failed", err.Error())
}

func (m *Machine) failure() error {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.err
}
