package machine

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/google/uuid"
	"google.golang.org/grpc"

	"phoebe.dev/lab/internal/machine/apid"
	"phoebe.dev/lab/internal/machine/disk"
	"phoebe.dev/lab/internal/machine/journal"
	"phoebe.dev/lab/internal/machine/resources"
)

// boot is the operating system from one start to the next: all of it is lost when the
// machine reboots, except what is on the disk.
type boot struct {
	machine *Machine
	fabric  *Fabric
	disk    *disk.Disk

	id        string
	started   time.Time
	runDir    string
	system    disk.System // what runs: the installed system, or the medium's
	device    string      // the system disk, empty while nothing is installed
	resources *resources.State
	events    *journal.Events
	logs      *journal.Logs
	services  *services
	status    *machineStatus
	requests  chan request
	changed   signal

	inner *grpc.Server     // the node's own services, behind apid
	local *grpc.ClientConn // the way to them

	installing    sync.Mutex  // an upgrade writes to the disk
	applying      sync.Mutex  // one config at a time; also for the next two
	trying        *time.Timer // reverts a config that is tried
	applyRebooted bool        // a config was applied that the node reboots for
	following     sync.Mutex  // a component's last state is not overtaken by an older one
	credentials   atomic.Pointer[apid.Credentials]

	mu      sync.Mutex
	busy    string // the sequence that runs or is about to
	up      bool   // configured, and its services are started
	current *resources.Node
	parts   parts
}

// newBoot is the machine right after its firmware: it has found what to boot.
func newBoot(ctx context.Context, m *Machine) (*boot, error) {
	table, err := m.disk.Table()
	if err != nil {
		return nil, err
	}

	st, err := resources.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("resources: %w", err)
	}

	b := &boot{
		machine:   m,
		fabric:    m.fabric,
		disk:      m.disk,
		id:        uuid.NewString(),
		started:   time.Now(),
		system:    disk.System{Version: m.options.MediumVersion, Schematic: m.options.Schematic},
		resources: st,
		events:    journal.NewEvents(),
		requests:  make(chan request, 1),
	}
	b.logs = journal.NewLogs()
	b.services = newServices(b)
	b.status = newMachineStatus(b)

	if table.Active != nil {
		b.system, b.device = *table.Active, table.Device
	}

	if b.runDir, err = m.disk.Run(); err != nil {
		return nil, err
	}

	if err := b.describe(ctx); err != nil {
		return nil, fmt.Errorf("resources: %w", err)
	}

	return b, b.startInner()
}

// describe puts what is true before any machine config.
func (b *boot) describe(ctx context.Context) error {
	known := resources.Platform(b.machine.options.Name, b.system.Version, strings.Contains(b.system.Image, "-secureboot/"))
	known = append(known, resources.Network(b.machine.options.Address)...)
	known = append(known, resources.Extensions(b.system.Schematic, b.fabric.options.Extensions(b.system.Schematic, b.system.Version))...)

	for _, d := range resources.Disks(b.machine.options.Name) {
		known = append(known, d)
	}

	if b.device != "" {
		known = append(known, resources.Installed(b.device)...)
	} else {
		known = append(known, resources.NotInstalled())
	}

	return b.put(ctx, known...)
}

func (b *boot) put(ctx context.Context, all ...resource.Resource) error {
	for _, r := range all {
		if err := b.resources.Put(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", r.Metadata(), err)
		}
	}

	return nil
}

// run is the life of the system: maintenance where there is no config yet, then the node.
func (b *boot) run(ctx context.Context) (outcome, error) {
	defer b.stopInner()

	watching, stop := context.WithCancel(ctx)
	defer stop()

	go b.status.watch(watching)

	b.logs.Printf("Talos %s booting, boot ID %s", b.system.Version, b.id)
	b.services.startEarly()

	if staged, err := b.installStaged(); staged || err != nil {
		return rebooted, err
	}

	cfg, err := b.disk.Config()
	if err != nil {
		return halted, fmt.Errorf("machine config on STATE: %w", err)
	}

	if cfg == nil || !cfg.CompleteForBoot() {
		if how, err := b.maintenance(ctx, cfg); how != continued || err != nil {
			return how, err
		}
	} else if err := b.setConfig(ctx, cfg); err != nil {
		return halted, err
	}

	if err := b.persisted(ctx); err != nil {
		return halted, err
	}

	return b.runNode(ctx)
}

func (b *boot) ip() net.IP { return b.machine.options.Address.AsSlice() }
