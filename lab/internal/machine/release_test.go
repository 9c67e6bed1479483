package machine_test

//lint:file-ignore SA1019 clients of every age upgrade and pull by these calls, and Talos serves them

import (
	"strings"
	"testing"
	"time"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"phoebe.dev/lab/internal/machine"
)

const environment = "\n---\napiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables:\n    A: b\n"

// runs makes a config install a version of Talos.
func runs(version string) func(*v1alpha1.Config) {
	return func(cfg *v1alpha1.Config) {
		cfg.MachineConfig.MachineInstall.InstallImage = strings.Replace(installer, talosVersion, version, 1)
	}
}

// release is a running control plane node of a version of Talos.
func release(t *testing.T, address, version string) (*cluster, *machine.Machine, *client.Client) {
	t.Helper()

	f := newFabric(t, machine.FabricOptions{Components: fakes()})
	c := newCluster(t, mustAddr(address))
	m := c.node(f, "c1", address, machinetype.TypeControlPlane, runs(version))
	require.Equal(t, version, m.Snapshot().TalosVersion)

	admin := c.admin(address)
	awaitAPI(t, admin)

	return c, m, admin
}

func TestTalos112HasTheOlderUpgradeCallAlone(t *testing.T) {
	t.Parallel()

	c, m, admin := release(t, "127.201.0.71", "v1.12.5")

	stream, err := admin.LifecycleClient.Upgrade(t.Context(), &machineapi.LifecycleServiceUpgradeRequest{})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.Equal(t, codes.Unimplemented, client.StatusCode(err))

	_, err = admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{
		Data: append(c.config(machinetype.TypeControlPlane, "c1", runs("v1.12.5")), environment...),
	})
	require.Equal(t, codes.InvalidArgument, client.StatusCode(err))
	require.ErrorContains(t, err, `"EnvironmentConfig" "v1alpha1": not registered`)

	_, err = admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{
		Data: c.config(machinetype.TypeControlPlane, "c1", runs("v1.12.5"), func(cfg *v1alpha1.Config) {
			yes := true
			cfg.ClusterConfig.ClusterNetwork.CNI = &v1alpha1.CNIConfig{CNIName: "flannel", CNIFlannel: &v1alpha1.FlannelCNIConfig{FlannelKubeNetworkPoliciesEnabled: &yes}}
		}),
	})
	require.ErrorContains(t, err, "unknown keys found during decoding:\ncluster:\n")
	require.ErrorContains(t, err, "kubeNetworkPoliciesEnabled: true")

	// Its etcd check is skipped where data is to be preserved.
	_, err = admin.Upgrade(t.Context(), installer, false, false)
	require.ErrorContains(t, err, "etcd")
	_, err = admin.UpgradeWithOptions(t.Context(), client.WithUpgradeImage(installer), client.WithUpgradePreserve(true))
	require.NoError(t, err)
	require.Eventually(t, func() bool { s := m.Snapshot(); return s.Configured && s.TalosVersion == talosVersion }, patience, interval)

	awaitAPI(t, admin)
	require.Equal(t, machineapi.ApplyConfigurationRequest_NO_REBOOT,
		c.apply(admin, machineapi.ApplyConfigurationRequest_AUTO, append(c.config(machinetype.TypeControlPlane, "c1", runs("v1.12.5")), environment...)).GetMode(),
		"what 1.12 does not know, 1.13 takes")
}

func TestTalos114NeverRebootsOnApply(t *testing.T) {
	t.Parallel()

	c, m, admin := release(t, "127.201.0.72", "v1.14.0")
	boot := m.Snapshot().BootID
	changed := c.config(machinetype.TypeControlPlane, "c1", runs("v1.14.0"), needsReboot)

	_, err := admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: changed, Mode: machineapi.ApplyConfigurationRequest_REBOOT})
	require.Equal(t, codes.Unimplemented, client.StatusCode(err))
	require.ErrorContains(t, err, "the REBOOT mode is not supported")

	dry, err := admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: changed, DryRun: true, Mode: machineapi.ApplyConfigurationRequest_AUTO})
	require.NoError(t, err)
	require.Contains(t, dry.GetMessages()[0].GetModeDetails(), "Applied configuration without a reboot (skipped in dry-run).")

	reply := c.apply(admin, machineapi.ApplyConfigurationRequest_AUTO, changed)
	require.Equal(t, machineapi.ApplyConfigurationRequest_NO_REBOOT, reply.GetMode())
	require.Equal(t, "Applied configuration without a reboot", reply.GetModeDetails())

	again, err := admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{Data: changed, DryRun: true, Mode: machineapi.ApplyConfigurationRequest_AUTO})
	require.NoError(t, err)
	require.Regexp(t, `\nNo changes\.$`, again.GetMessages()[0].GetModeDetails(), "nothing tells what waits for the next boot")
	require.Equal(t, boot, m.Snapshot().BootID)
}

func TestTriedConfigIsReverted(t *testing.T) {
	t.Parallel()

	c, _, admin := release(t, "127.201.0.73", talosVersion)
	changed := c.config(machinetype.TypeControlPlane, "c1", live)

	differs := func() bool {
		dry, err := admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{
			Data: changed, DryRun: true, Mode: machineapi.ApplyConfigurationRequest_TRY,
		})
		require.NoError(t, err)

		return !strings.HasSuffix(dry.GetMessages()[0].GetModeDetails(), "No changes.")
	}

	reply, err := admin.ApplyConfiguration(t.Context(), &machineapi.ApplyConfigurationRequest{
		Data: changed, Mode: machineapi.ApplyConfigurationRequest_TRY, TryModeTimeout: durationpb.New(300 * time.Millisecond),
	})
	require.NoError(t, err)
	require.Contains(t, reply.GetMessages()[0].GetModeDetails(), "automatically reverted back in 300ms")
	require.Eventually(t, differs, patience, interval)
}

func TestStagedUpgradeIsInstalledByTheNextBoot(t *testing.T) {
	t.Parallel()

	_, m, admin := release(t, "127.201.0.74", "v1.12.5")
	boots := m.Snapshot().Boots

	_, err := admin.Upgrade(t.Context(), installer, true, true)
	require.NoError(t, err)
	require.Eventually(t, func() bool { s := m.Snapshot(); return s.Configured && s.TalosVersion == talosVersion }, patience, interval)
	require.Equal(t, boots+2, m.Snapshot().Boots)
	require.Equal(t, 1, m.Snapshot().Upgrades)
}
