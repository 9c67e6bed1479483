package machine_test

import (
	"testing"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
)

func TestRouting(t *testing.T) {
	t.Parallel()

	c, f, _, admin := controlPlane(t, "127.201.0.11")
	c.node(f, "w1", "127.201.0.12", machinetype.TypeWorker)

	worker := c.admin("127.201.0.12")
	awaitAPI(t, worker)

	t.Run("without metadata the endpoint itself answers, unmarked", func(t *testing.T) {
		reply, err := admin.MachineClient.Hostname(t.Context(), &emptypb.Empty{})
		require.NoError(t, err)
		require.Equal(t, "c1", reply.GetMessages()[0].GetHostname())
		require.Nil(t, reply.GetMessages()[0].GetMetadata())
	})

	t.Run("node goes to that one", func(t *testing.T) {
		reply, err := admin.MachineClient.Hostname(client.WithNode(t.Context(), "127.201.0.12"), &emptypb.Empty{})
		require.NoError(t, err)
		require.Equal(t, "w1", reply.GetMessages()[0].GetHostname())

		status, err := safe.StateGetByID[*network.HostnameStatus](client.WithNode(t.Context(), "127.201.0.12"), admin.COSI, network.HostnameID)
		require.NoError(t, err)
		require.Equal(t, "w1", status.TypedSpec().Hostname)
	})

	t.Run("nodes goes to each, and one that is down is an error among the answers", func(t *testing.T) {
		reply, err := admin.MachineClient.Hostname(client.WithNodes(t.Context(), "127.201.0.11", "127.201.0.12", "127.201.0.19"), &emptypb.Empty{})
		require.NoError(t, err)

		answers := map[string]string{}
		for _, message := range reply.GetMessages() {
			answers[message.GetMetadata().GetHostname()] = message.GetHostname()

			if message.GetMetadata().GetHostname() == "127.201.0.19" {
				require.Equal(t, int32(codes.Unavailable), message.GetMetadata().GetStatus().GetCode())
			}
		}

		require.Equal(t, map[string]string{"127.201.0.11": "c1", "127.201.0.12": "w1", "127.201.0.19": ""}, answers)
	})

	t.Run("resources cannot be asked of many", func(t *testing.T) {
		_, err := admin.COSI.Get(client.WithNodes(t.Context(), "127.201.0.11", "127.201.0.12"), network.NewHostnameStatus(network.NamespaceName, network.HostnameID).Metadata())
		require.Equal(t, codes.InvalidArgument, client.StatusCode(err))
	})

	t.Run("a worker does not forward, but answers for itself", func(t *testing.T) {
		_, err := worker.Version(client.WithNode(t.Context(), "127.201.0.11"))
		require.Equal(t, codes.PermissionDenied, client.StatusCode(err))

		_, err = worker.Version(client.WithNodes(t.Context(), "127.201.0.12"))
		require.NoError(t, err)
	})

	t.Run("a caller's roles go with the call", func(t *testing.T) {
		reader := c.client(role.MakeSet(role.Reader), "127.201.0.11")

		_, err := reader.Version(client.WithNode(t.Context(), "127.201.0.12"))
		require.NoError(t, err)
		require.Equal(t, codes.PermissionDenied, client.StatusCode(reader.Reboot(client.WithNode(t.Context(), "127.201.0.12"))))
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()

	c, _, m, _ := controlPlane(t, "127.201.0.13")
	before := m.Snapshot().BootID

	reader := c.client(role.MakeSet(role.Reader), "127.201.0.13")
	require.Equal(t, codes.PermissionDenied, client.StatusCode(reader.Reboot(t.Context())))

	stranger := c.stranger().admin("127.201.0.13")
	_, err := stranger.Version(t.Context())
	require.Equal(t, codes.Unavailable, client.StatusCode(err), "another cluster's certificate is refused in the handshake")

	none := c.client(role.MakeSet(), "127.201.0.13")
	_, err = none.Version(t.Context())
	require.Equal(t, codes.PermissionDenied, client.StatusCode(err))

	operator := c.client(role.MakeSet(role.Operator), "127.201.0.13")
	_, err = operator.MachineClient.Hostname(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	require.NoError(t, operator.Reboot(t.Context()))
	require.Eventually(t, func() bool { s := m.Snapshot(); return s.Configured && s.BootID != before }, patience, interval)
}

func TestWorkerWaitsForAControlPlaneThatSignsForIt(t *testing.T) {
	t.Parallel()

	c, f, plane, _ := controlPlane(t, "127.201.0.14")
	plane.PowerOff()

	c.node(f, "w1", "127.201.0.15", machinetype.TypeWorker)

	worker := c.admin("127.201.0.15")
	_, err := worker.Version(t.Context())
	require.Equal(t, codes.Unavailable, client.StatusCode(err))

	plane.PowerOn()
	awaitAPI(t, worker)
}
