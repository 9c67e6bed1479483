package machine_test

import (
	"context"
	"testing"

	"github.com/cosi-project/runtime/pkg/safe"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	configres "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/client"

	"phoebe.dev/lab/internal/machine"
)

func TestMachineIsInstalledFromMaintenanceMode(t *testing.T) {
	t.Parallel()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	m := add(t, f, "c1", "127.201.0.1")
	c := newCluster(t, m.Backend().Address)

	medium := awaitStage(t, m, "maintenance")
	require.Equal(t, "v1.13.0", medium.TalosVersion)

	open := insecure(t, "127.201.0.1")

	version, err := open.Version(t.Context())
	require.NoError(t, err)
	require.Equal(t, "v1.13.0", version.GetMessages()[0].GetVersion().GetTag())

	disks, err := open.Disks(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, disks.GetMessages()[0].GetDisks())

	status, err := safe.StateGetByID[*runtime.MachineStatus](t.Context(), open.COSI, runtime.MachineStatusID)
	require.NoError(t, err)
	require.Equal(t, runtime.MachineStageMaintenance, status.TypedSpec().Stage)

	_, err = open.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: []byte("machine: [")})
	require.Equal(t, codes.InvalidArgument, client.StatusCode(err))

	reply, err := open.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: c.config(machinetype.TypeControlPlane, "c1")})
	require.NoError(t, err)
	require.Equal(t, machineapi.ApplyConfigurationRequest_NO_REBOOT, reply.GetMessages()[0].GetMode())

	admin := c.admin("127.201.0.1")

	await(t, func(ctx context.Context) error {
		_, err := admin.Version(ctx)

		return err
	})

	installed := m.Snapshot()
	require.Equal(t, talosVersion, installed.TalosVersion)
	require.Equal(t, schematic, installed.Schematic)
	require.Equal(t, "c1", installed.Hostname)
	require.NotEqual(t, medium.BootID, installed.BootID)

	_, err = insecure(t, "127.201.0.1").Version(t.Context())
	require.Error(t, err, "a configured node lets nobody in without a certificate")

	cfg, err := safe.StateGetByID[*configres.MachineConfig](t.Context(), admin.COSI, configres.ActiveID)
	require.NoError(t, err)
	require.Equal(t, "test", cfg.Provider().Cluster().Name())
}
