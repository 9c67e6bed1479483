package machine_test

import (
	"context"
	"testing"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine"
)

// node puts a machine on the fabric, applies a config and waits until it has taken it.
func (c *cluster) node(f *machine.Fabric, name, address string, kind machinetype.Type, patches ...func(*v1alpha1.Config)) *machine.Machine {
	c.t.Helper()

	m := add(c.t, f, name, address)
	awaitStage(c.t, m, "maintenance")
	c.apply(insecure(c.t, address), machineapi.ApplyConfigurationRequest_AUTO, c.config(kind, name, patches...))
	awaitConfigured(c.t, m)

	return m
}

func (c *cluster) apply(to *client.Client, mode machineapi.ApplyConfigurationRequest_Mode, data []byte) *machineapi.ApplyConfiguration {
	c.t.Helper()

	reply, err := to.ApplyConfiguration(c.t.Context(), &machineapi.ApplyConfigurationRequest{Data: data, Mode: mode})
	require.NoError(c.t, err)

	return reply.GetMessages()[0]
}

func awaitConfigured(t *testing.T, m *machine.Machine) {
	t.Helper()

	require.Eventually(t, func() bool { return m.Snapshot().Configured }, patience, interval, "machine %s is not configured", m.Snapshot().Name)
}

// controlPlane is one running control plane node and an administrator's client of it.
func controlPlane(t *testing.T, address string) (*cluster, *machine.Fabric, *machine.Machine, *client.Client) {
	t.Helper()

	return controlPlaneOf(t, address, fakes())
}

func controlPlaneOf(t *testing.T, address string, components machine.Components) (*cluster, *machine.Fabric, *machine.Machine, *client.Client) {
	t.Helper()

	f := newFabric(t, machine.FabricOptions{Components: components})
	c := newCluster(t, mustAddr(address))
	m := c.node(f, "c1", address, machinetype.TypeControlPlane)
	admin := c.admin(address)
	awaitAPI(t, admin)

	return c, f, m, admin
}

func awaitAPI(t *testing.T, c *client.Client) {
	t.Helper()

	await(t, func(ctx context.Context) error {
		_, err := c.Version(ctx)

		return err
	})
}
