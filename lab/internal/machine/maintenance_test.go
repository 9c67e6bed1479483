package machine_test

import (
	"testing"

	"github.com/cosi-project/runtime/pkg/safe"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	configres "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	"phoebe.dev/lab/internal/machine"
)

func TestMaintenanceModeAllowsReadersOnly(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	m := add(t, f, "m", "127.201.0.2")
	awaitStage(t, m, "maintenance")

	open := insecure(t, "127.201.0.2")

	require.Equal(t, codes.PermissionDenied, client.StatusCode(open.Bootstrap(t.Context(), &machineapi.BootstrapRequest{})))
	require.Equal(t, codes.PermissionDenied, client.StatusCode(open.Reboot(t.Context())))

	_, err := safe.StateGetByID[*configres.MachineConfig](t.Context(), open.COSI, configres.ActiveID)
	require.Equal(t, codes.PermissionDenied, client.StatusCode(err), "a machine config is sensitive")

	require.Error(t, open.COSI.Destroy(t.Context(), configres.NewMachineType().Metadata()), "nobody writes resources")
}

func TestMaintenanceModeTellsAnybodyWhatIsOnTheDisk(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	awaitStage(t, add(t, f, "m", "127.201.0.9"), "maintenance")
	open := insecure(t, "127.201.0.9")

	meta, err := safe.StateGetByID[*block.VolumeStatus](t.Context(), open.COSI, constants.MetaPartitionLabel)
	require.NoError(t, err)
	require.Equal(t, block.VolumePhaseMissing, meta.TypedSpec().Phase)

	_, err = safe.StateGetByID[*runtime.Version](t.Context(), open.COSI, "version")
	require.NoError(t, err)

	security, err := safe.StateGetByID[*runtime.SecurityState](t.Context(), open.COSI, runtime.SecurityStateID)
	require.NoError(t, err)
	require.False(t, security.TypedSpec().SecureBoot)
}

func TestMaintenanceModeIgnoresRouting(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	awaitStage(t, add(t, f, "m", "127.201.0.3"), "maintenance")

	_, err := insecure(t, "127.201.0.3").Version(client.WithNode(t.Context(), "192.0.2.1"))
	require.NoError(t, err)
}

func TestStagedConfigLeavesAMachineInMaintenance(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	m := add(t, f, "m", "127.201.0.4")
	before := awaitStage(t, m, "maintenance")
	c := newCluster(t, m.Backend().Address)

	c.apply(insecure(t, "127.201.0.4"), machineapi.ApplyConfigurationRequest_STAGED, c.config(machinetype.TypeControlPlane, "m"))

	_, err := insecure(t, "127.201.0.4").Version(t.Context())
	require.NoError(t, err)
	require.Equal(t, before.BootID, m.Snapshot().BootID)
}

func TestDryRunInMaintenanceChangesNothing(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	m := add(t, f, "m", "127.201.0.5")
	before := awaitStage(t, m, "maintenance")
	c := newCluster(t, m.Backend().Address)

	reply, err := insecure(t, "127.201.0.5").ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{
		Data: c.config(machinetype.TypeControlPlane, "m"), DryRun: true,
	})
	require.NoError(t, err)
	require.Contains(t, reply.GetMessages()[0].GetModeDetails(), "Dry run summary:")
	require.Equal(t, before.BootID, m.Snapshot().BootID)
}

func TestInstallOnADiskThatIsNotThereComesBackInMaintenance(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	m := add(t, f, "m", "127.201.0.6")
	before := awaitStage(t, m, "maintenance")
	c := newCluster(t, m.Backend().Address)
	c.input.Options.InstallDisk = "/dev/mmcblk7"

	c.apply(insecure(t, "127.201.0.6"), machineapi.ApplyConfigurationRequest_AUTO, c.config(machinetype.TypeControlPlane, "m"))

	require.Eventually(t, func() bool {
		now := m.Snapshot()

		return now.Stage == "maintenance" && now.BootID != "" && now.BootID != before.BootID
	}, patience, interval)

	var reasons []string

	for _, event := range m.Snapshot().Events {
		if event.Kind == "install failed" {
			reasons = append(reasons, event.Message)
		}
	}

	require.Len(t, reasons, 1)
	require.Contains(t, reasons[0], "/dev/mmcblk7 is not there")
}

func TestUnimplementedCallsSayTheirName(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	awaitStage(t, add(t, f, "m", "127.201.0.7"), "maintenance")

	c := newCluster(t, mustAddr("127.201.0.8"))
	c.node(f, "c1", "127.201.0.8", machinetype.TypeControlPlane)
	admin := c.admin("127.201.0.8")
	awaitAPI(t, admin)

	_, err := admin.MachineClient.Processes(t.Context(), &emptypb.Empty{})
	require.Equal(t, codes.Unimplemented, client.StatusCode(err))
	require.ErrorContains(t, err, "Processes")
}
