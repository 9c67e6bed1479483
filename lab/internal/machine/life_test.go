package machine_test

//lint:file-ignore SA1019 clients of every age upgrade and pull by these calls, and Talos serves them

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"phoebe.dev/lab/internal/machine"
)

func TestBootstrap(t *testing.T) {
	t.Parallel()

	c, f, m, admin := controlPlane(t, "127.201.0.31")
	c.node(f, "w1", "127.201.0.32", machinetype.TypeWorker)

	await(t, func(ctx context.Context) error {
		_, err := admin.Version(client.WithNode(ctx, "127.201.0.32"))

		return err
	})

	err := admin.Bootstrap(client.WithNode(t.Context(), "127.201.0.32"), &machineapi.BootstrapRequest{})
	require.Equal(t, codes.Unimplemented, client.StatusCode(err), "a worker has no etcd")

	require.Equal(t, "booting", m.Snapshot().Stage, "a control plane node boots until etcd runs")
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))
	awaitStage(t, m, "running")
	require.Equal(t, codes.AlreadyExists, client.StatusCode(admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{})))
}

func TestPowerCycleKeepsTheDisk(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	first := machine.NewFabric(machine.FabricOptions{Dir: dir, Components: fakes(), Log: t.Logf})
	c := newCluster(t, mustAddr("127.201.0.33"))
	m := c.node(first, "c1", "127.201.0.33", machinetype.TypeControlPlane)
	admin := c.admin("127.201.0.33")
	awaitAPI(t, admin)
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))
	awaitStage(t, m, "running")

	boot := m.Snapshot().BootID

	require.NoError(t, first.Close())
	require.Equal(t, "off", m.Snapshot().Stage)

	again := add(t, newFabric(t, machine.FabricOptions{Dir: dir, Components: fakes()}), "c1", "127.201.0.33")
	now := awaitStage(t, again, "running")
	require.NotEqual(t, boot, now.BootID)
	require.Equal(t, talosVersion, now.TalosVersion)
	require.Equal(t, "c1", now.Hostname)
}

func TestWipedMachineIsInMaintenance(t *testing.T) {
	t.Parallel()

	_, _, m, _ := controlPlane(t, "127.201.0.34")
	m.Wipe()

	now := awaitStage(t, m, "maintenance")
	require.Equal(t, "v1.13.0", now.TalosVersion, "it boots its medium again")
	require.False(t, now.Configured)
}

func TestReset(t *testing.T) {
	t.Parallel()

	_, _, m, admin := controlPlane(t, "127.201.0.35")
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))

	require.NoError(t, admin.Reset(t.Context(), true, true))
	now := awaitStage(t, m, "maintenance")
	require.Equal(t, "v1.13.0", now.TalosVersion)

	_, err := insecure(t, "127.201.0.35").Disks(t.Context())
	require.NoError(t, err)
}

func TestResetOfPartitionsKeepsTheSystem(t *testing.T) {
	t.Parallel()

	_, _, m, admin := controlPlane(t, "127.201.0.36")

	_, err := admin.ResetGenericWithResponse(t.Context(), &machineapi.ResetRequest{
		Reboot:                 true,
		SystemPartitionsToWipe: []*machineapi.ResetPartitionSpec{{Label: "STATE", Wipe: true}, {Label: "EPHEMERAL", Wipe: true}},
	})
	require.NoError(t, err)

	now := awaitStage(t, m, "maintenance")
	require.Equal(t, talosVersion, now.TalosVersion)
}

func TestResetThatCannotLeaveEtcdWipesNothing(t *testing.T) {
	t.Parallel()

	components := fakes()
	components.ControlPlane = refusingToLeave
	f := newFabric(t, machine.FabricOptions{Components: components})
	c := newCluster(t, mustAddr("127.201.0.37"))
	m := c.node(f, "c1", "127.201.0.37", machinetype.TypeControlPlane)
	admin := c.admin("127.201.0.37")
	awaitAPI(t, admin)
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))

	boot := m.Snapshot().BootID

	require.NoError(t, admin.Reset(t.Context(), true, true))
	require.Eventually(t, func() bool {
		for _, event := range m.Snapshot().Events {
			if event.Kind == "failed" {
				return true
			}
		}

		return false
	}, patience, interval)

	require.Equal(t, boot, m.Snapshot().BootID)
	require.Equal(t, codes.AlreadyExists, client.StatusCode(admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{})))
}

func TestShutdownStaysOffUntilPowerOn(t *testing.T) {
	t.Parallel()

	_, _, m, admin := controlPlane(t, "127.201.0.38")

	require.NoError(t, admin.Shutdown(t.Context()))
	awaitStage(t, m, "off")

	m.PowerOn()
	awaitConfigured(t, m)
}

func TestUpgradeAndRollback(t *testing.T) {
	t.Parallel()

	_, _, m, admin := controlPlane(t, "127.201.0.39")
	boot := m.Snapshot().BootID

	_, err := admin.Upgrade(t.Context(), "ghcr.io/siderolabs/installer:v1.13.4", false, true)
	require.NoError(t, err)
	require.Eventually(t, func() bool { s := m.Snapshot(); return s.Configured && s.BootID != boot }, patience, interval)
	require.Equal(t, "v1.13.4", m.Snapshot().TalosVersion)
	require.Empty(t, m.Snapshot().Schematic)

	awaitAPI(t, admin)
	require.NoError(t, admin.Rollback(t.Context()))
	require.Eventually(t, func() bool { s := m.Snapshot(); return s.Configured && s.TalosVersion == talosVersion }, patience, interval)
	require.Equal(t, schematic, m.Snapshot().Schematic)
}

func TestReadyIsSaidAgainAndAgain(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	c := newCluster(t, mustAddr("127.201.0.40"))
	c.node(f, "c1", "127.201.0.40", machinetype.TypeControlPlane, skipRegistration)
	admin := c.admin("127.201.0.40")
	awaitAPI(t, admin)
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	events := make(chan client.EventResult)
	require.NoError(t, admin.EventsWatchV2(ctx, events))

	for seen := 0; seen < 2; {
		select {
		case event := <-events:
			require.NoError(t, event.Error)

			if status, ok := event.Event.Payload.(*machineapi.MachineStatusEvent); ok &&
				status.GetStage() == machineapi.MachineStatusEvent_RUNNING && status.GetStatus().GetReady() {
				seen++
			}
		case <-time.After(patience):
			t.Fatal("the machine does not say that it is ready")
		}
	}
}

func TestFilesStayOnTheNode(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o600))

	f := newFabric(t, machine.FabricOptions{Dir: dir, Components: fakes()})
	c := newCluster(t, mustAddr("127.201.0.41"))
	c.node(f, "c1", "127.201.0.41", machinetype.TypeControlPlane)
	admin := c.admin("127.201.0.41")
	awaitAPI(t, admin)

	require.Error(t, list(t, admin, "/var/lib/etcd"), "etcd was never started")

	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))
	require.NoError(t, list(t, admin, "/var/lib/etcd"))
	require.Error(t, list(t, admin, "/var/../../secret"))
	require.Error(t, list(t, admin, "/etc"))
}

func list(t *testing.T, c *client.Client, root string) error {
	t.Helper()

	stream, err := c.LS(t.Context(), &machineapi.ListRequest{Root: root})
	require.NoError(t, err)

	_, err = stream.Recv()

	return err
}
