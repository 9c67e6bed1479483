package machine_test

import (
	"testing"

	"github.com/cosi-project/runtime/pkg/resource"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
)

// live changes something that Talos 1.13 applies at once; needsReboot something that it does not.
func live(cfg *v1alpha1.Config) {
	cfg.ClusterConfig.APIServerConfig.ExtraArgsConfig = v1alpha1.Args{"v": v1alpha1.NewArgValue("3", nil)}
}

func needsReboot(cfg *v1alpha1.Config) {
	cfg.MachineConfig.MachineFiles = []*v1alpha1.MachineFile{{FileContent: "x", FilePermissions: 0o644, FilePath: "/var/x", FileOp: "create"}}
}

func TestApplyModes(t *testing.T) {
	t.Parallel()

	c, _, m, admin := controlPlane(t, "127.201.0.21")
	plain := c.config(machinetype.TypeControlPlane, "c1")
	withLive := c.config(machinetype.TypeControlPlane, "c1", live)
	withReboot := c.config(machinetype.TypeControlPlane, "c1", live, needsReboot)
	boot := m.Snapshot().BootID

	version := func() string {
		t.Helper()

		r, err := admin.COSI.Get(t.Context(), resource.NewMetadata(k8s.ControlPlaneNamespaceName, k8s.APIServerConfigType, k8s.APIServerID, resource.VersionUndefined))
		require.NoError(t, err)

		return r.Metadata().Version().String()
	}

	require.Equal(t, "1", version())

	dry, err := admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: plain, DryRun: true})
	require.NoError(t, err)
	require.Regexp(t, `\nNo changes\.$`, dry.GetMessages()[0].GetModeDetails())

	dry, err = admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: withReboot, DryRun: true, Mode: machineapi.ApplyConfigurationRequest_AUTO})
	require.NoError(t, err)
	require.Equal(t, machineapi.ApplyConfigurationRequest_REBOOT, dry.GetMessages()[0].GetMode())
	require.Contains(t, dry.GetMessages()[0].GetModeDetails(), "Applied configuration with a reboot (skipped in dry-run).\nConfig diff:")

	auto := machineapi.ApplyConfigurationRequest_AUTO
	require.Equal(t, machineapi.ApplyConfigurationRequest_NO_REBOOT, c.apply(admin, auto, withLive).GetMode())
	require.Equal(t, "2", version())

	c.apply(admin, auto, withLive)
	require.Equal(t, "2", version(), "the same config again is no change")

	_, err = admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: withReboot, Mode: machineapi.ApplyConfigurationRequest_NO_REBOOT})
	require.Equal(t, codes.InvalidArgument, client.StatusCode(err))

	c.apply(admin, machineapi.ApplyConfigurationRequest_STAGED, plain)
	require.Equal(t, "2", version(), "a staged config waits for the next boot")
	require.Equal(t, boot, m.Snapshot().BootID)

	require.Equal(t, machineapi.ApplyConfigurationRequest_REBOOT, c.apply(admin, auto, withReboot).GetMode())
	require.Eventually(t, func() bool { s := m.Snapshot(); return s.Configured && s.BootID != boot }, patience, interval)
}

func TestStagedConfigIsInForceAfterAReboot(t *testing.T) {
	t.Parallel()

	c, _, m, admin := controlPlane(t, "127.201.0.22")
	boot := m.Snapshot().BootID

	c.apply(admin, machineapi.ApplyConfigurationRequest_STAGED, c.config(machinetype.TypeControlPlane, "renamed"))
	require.Equal(t, "c1", m.Snapshot().Hostname)

	require.NoError(t, admin.Reboot(t.Context()))
	require.Eventually(t, func() bool { s := m.Snapshot(); return s.Configured && s.BootID != boot }, patience, interval)
	require.Equal(t, "renamed", m.Snapshot().Hostname)
}
