package machine_test

//lint:file-ignore SA1019 clients of every age upgrade and pull by these calls, and Talos serves them

import (
	"context"
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

// bootstrapped is one control plane node that runs.
func bootstrapped(t *testing.T, address string) (*machine.Machine, *client.Client) {
	t.Helper()

	_, _, m, admin := controlPlane(t, address)
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))
	awaitStage(t, m, "running")

	return m, admin
}

func TestAMachineThatDoesNotReturnComesBackMended(t *testing.T) {
	t.Parallel()

	m, admin := bootstrapped(t, "127.201.0.54")
	require.NoError(t, m.Fault(t.Context(), machine.FaultNoReturn))
	require.Equal(t, "running", m.Snapshot().Stage, "it is the next reboot that it does not come back from")

	require.NoError(t, admin.Reboot(t.Context()))
	awaitStage(t, m, "hung")
	require.Equal(t, []string{"no-return"}, m.Snapshot().Faults)

	require.NoError(t, m.Fault(t.Context(), machine.FaultMend))
	awaitStage(t, m, "running")
	require.Empty(t, m.Snapshot().Faults)
	require.Equal(t, []string{"reboot"}, whys(m))
}

func TestAFallbackIsForOneBoot(t *testing.T) {
	t.Parallel()

	m, admin := bootstrapped(t, "127.201.0.55")
	require.NoError(t, m.Fault(t.Context(), machine.FaultFallback))

	upgrade := func() {
		t.Helper()

		boot := m.Snapshot().BootID

		awaitAPI(t, admin)
		_, err := admin.Upgrade(t.Context(), "ghcr.io/siderolabs/installer:v1.13.4", false, true)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			s := m.Snapshot()

			return s.Stage == "running" && s.BootID != boot
		}, patience, interval)
	}

	upgrade()
	require.Equal(t, talosVersion, m.Snapshot().TalosVersion)
	require.Equal(t, schematic, m.Snapshot().Schematic)
	require.Empty(t, m.Snapshot().Faults)

	upgrade()
	require.Equal(t, "v1.13.4", m.Snapshot().TalosVersion)
}

func TestAMachineThatComesBackEmpty(t *testing.T) {
	t.Parallel()

	m, admin := bootstrapped(t, "127.201.0.56")
	require.NoError(t, m.Fault(t.Context(), machine.FaultEmpty))
	require.NoError(t, admin.Reboot(t.Context()))
	awaitStage(t, m, "maintenance")
	require.Empty(t, m.Snapshot().Faults)
	require.Nil(t, m.Snapshot().Absences[0].Until, "etcd still counts it")
}

func TestAFaultOutlivesTheLab(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	first := machine.NewFabric(machine.FabricOptions{Dir: dir, Components: fakes(), Log: t.Logf})
	m := add(t, first, "c1", "127.201.0.57")
	require.NoError(t, m.Fault(t.Context(), machine.FaultNoReturn))
	require.NoError(t, first.Close())
	require.FileExists(t, filepath.Join(dir, "c1", "faults.json"))

	again := add(t, newFabric(t, machine.FabricOptions{Dir: dir, Components: fakes()}), "c1", "127.201.0.57")
	awaitStage(t, again, "hung")
	require.NoError(t, again.Fault(t.Context(), machine.FaultMend))
	awaitStage(t, again, "maintenance")
}

func TestASlowMachineIsQuickOnceMended(t *testing.T) {
	t.Parallel()

	m, admin := bootstrapped(t, "127.201.0.58")
	require.NoError(t, m.Fault(t.Context(), machine.FaultSlow))
	require.NoError(t, admin.Reboot(t.Context()))
	awaitStage(t, m, "booting")

	began := time.Now()

	require.NoError(t, m.Fault(t.Context(), machine.FaultMend))
	awaitStage(t, m, "running")
	require.Less(t, time.Since(began), 10*time.Second)
}

func TestACutMachineDropsConnections(t *testing.T) {
	t.Parallel()

	m, admin := bootstrapped(t, "127.201.0.59")
	require.NoError(t, m.Fault(t.Context(), machine.FaultDrop))
	require.Equal(t, []string{"drop"}, whys(m))

	_, err := admin.Version(t.Context())
	require.Equal(t, codes.Unavailable, client.StatusCode(err))

	require.NoError(t, m.Fault(t.Context(), machine.FaultMend))
	awaitAPI(t, admin)
	awaitBack(t, m)
}

func TestARefusedPull(t *testing.T) {
	t.Parallel()

	m, admin := bootstrapped(t, "127.201.0.60")
	require.NoError(t, m.Fault(t.Context(), machine.FaultRefusePull))

	pull := func() error { return admin.ImagePull(t.Context(), 0, "registry.k8s.io/kube-apiserver:v1.36.3") }
	require.Equal(t, codes.NotFound, client.StatusCode(pull()))

	_, err := admin.Upgrade(t.Context(), "ghcr.io/siderolabs/installer:v1.13.4", false, true)
	require.ErrorContains(t, err, "refuses")

	require.NoError(t, m.Fault(t.Context(), machine.FaultMend))
	require.NoError(t, pull())
}

func TestALostEtcdMemberIsMissedUntilItIsMended(t *testing.T) {
	t.Parallel()

	m, _ := bootstrapped(t, "127.201.0.61")
	require.NoError(t, m.Fault(t.Context(), machine.FaultLoseEtcd))
	require.Equal(t, []string{"etcd lost"}, whys(m))

	require.NoError(t, m.Fault(t.Context(), machine.FaultMend))
	awaitStage(t, m, "booting")
}

func TestWhatCannotGoWrong(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	c := newCluster(t, mustAddr("127.201.0.62"))
	w := c.node(f, "w1", "127.201.0.62", machinetype.TypeWorker)

	ctx := context.Background()
	require.ErrorContains(t, w.Fault(ctx, "nonsense"), "--list")
	require.ErrorContains(t, w.Fault(ctx, machine.FaultLoseEtcd), "runs no etcd")
	require.ErrorContains(t, w.Fault(ctx, machine.FaultBlockDrain), "fault block-drain")
	require.Empty(t, w.Snapshot().Faults)
}
