package machine_test

//lint:file-ignore SA1019 clients of every age upgrade and pull by these calls, and Talos serves them

import (
	"testing"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine"
)

// whys are the reasons of a machine's absences.
func whys(m *machine.Machine) []string {
	reasons := []string{}
	for _, absence := range m.Snapshot().Absences {
		reasons = append(reasons, absence.Why)
	}

	return reasons
}

// awaitBack waits until a machine that was away is not.
func awaitBack(t *testing.T, m *machine.Machine) {
	t.Helper()

	require.Eventually(t, func() bool {
		absences := m.Snapshot().Absences

		return len(absences) > 0 && absences[len(absences)-1].Until != nil
	}, patience, interval)
}

func TestAbsences(t *testing.T) {
	t.Parallel()

	_, _, m, admin := controlPlane(t, "127.201.0.51")
	require.Empty(t, whys(m), "a node that never had etcd cannot be missed")
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))
	awaitStage(t, m, "running")
	require.Empty(t, whys(m))

	require.NoError(t, admin.Reboot(t.Context()))
	awaitBack(t, m)
	awaitStage(t, m, "running")

	awaitAPI(t, admin)
	_, err := admin.Upgrade(t.Context(), "ghcr.io/siderolabs/installer:v1.13.4", false, true)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(whys(m)) == 2 }, patience, interval)
	awaitBack(t, m)
	require.Equal(t, 1, m.Snapshot().Upgrades)
	require.Equal(t, 4, m.Snapshot().Boots, "the medium, the first boot, a reboot and an upgrade")

	m.PowerOff()
	m.PowerOff()
	require.Equal(t, []string{"reboot", "upgrade", "off"}, whys(m))
	require.Nil(t, m.Snapshot().Absences[2].Until)

	m.Wipe()
	awaitStage(t, m, "maintenance")
	require.Equal(t, []string{"reboot", "upgrade", "off"}, whys(m), "it is one absence, and goes on")
	require.Nil(t, m.Snapshot().Absences[2].Until)

	absences := m.Snapshot().Absences
	require.True(t, absences[0].Since.Before(*absences[0].Until))
	require.True(t, absences[0].Until.Before(absences[1].Since))
}

func TestANodeThatLeftIsNotMissed(t *testing.T) {
	t.Parallel()

	_, _, m, admin := controlPlane(t, "127.201.0.52")
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))
	awaitStage(t, m, "running")

	require.NoError(t, admin.Reset(t.Context(), true, true))
	awaitStage(t, m, "maintenance")
	require.Equal(t, []string{"reset"}, whys(m))
	require.NotNil(t, m.Snapshot().Absences[0].Until)
}

func TestAResetWithoutGraceIsMissedByEtcd(t *testing.T) {
	t.Parallel()

	_, _, m, admin := controlPlane(t, "127.201.0.53")
	require.NoError(t, admin.Bootstrap(t.Context(), &machineapi.BootstrapRequest{}))
	awaitStage(t, m, "running")

	require.NoError(t, admin.Reset(t.Context(), false, true))
	awaitStage(t, m, "maintenance")
	require.Equal(t, []string{"reset"}, whys(m))
	require.Nil(t, m.Snapshot().Absences[0].Until)
}
