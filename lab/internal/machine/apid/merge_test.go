package apid

import (
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func TestAnswersOfManyNodesAreOne(t *testing.T) {
	t.Parallel()

	one, err := proto.Marshal(&machine.HostnameResponse{Messages: []*machine.Hostname{{Hostname: "c1"}}})
	require.NoError(t, err)

	marked, err := mark("10.0.0.1", false, one)
	require.NoError(t, err)

	down, err := failed("10.0.0.2", false, status.Error(codes.Unavailable, "gone"))
	require.NoError(t, err)

	var merged machine.HostnameResponse
	require.NoError(t, proto.Unmarshal(append(marked, down...), &merged))
	require.Len(t, merged.GetMessages(), 2)
	require.Equal(t, "c1", merged.GetMessages()[0].GetHostname())
	require.Equal(t, "10.0.0.1", merged.GetMessages()[0].GetMetadata().GetHostname())
	require.Equal(t, "10.0.0.2", merged.GetMessages()[1].GetMetadata().GetHostname())
	require.Equal(t, int32(codes.Unavailable), merged.GetMessages()[1].GetMetadata().GetStatus().GetCode())
}

func TestStreamedAnswerIsMarked(t *testing.T) {
	t.Parallel()

	data, err := proto.Marshal(&common.Data{Bytes: []byte("line")})
	require.NoError(t, err)

	marked, err := mark("10.0.0.1", true, data)
	require.NoError(t, err)

	var answer common.Data
	require.NoError(t, proto.Unmarshal(marked, &answer))
	require.Equal(t, "line", string(answer.GetBytes()))
	require.Equal(t, "10.0.0.1", answer.GetMetadata().GetHostname())
}

func TestAnswerThatIsNoListIsRefused(t *testing.T) {
	t.Parallel()

	_, err := mark("10.0.0.1", false, []byte{0x12, 0x00})
	require.ErrorContains(t, err, "10.0.0.1")
}

func TestWhatAnswersWithAStream(t *testing.T) {
	t.Parallel()

	require.True(t, answersStream("/machine.MachineService/Dmesg"))
	require.True(t, answersStream("/cluster.ClusterService/HealthCheck"))
	require.False(t, answersStream("/machine.MachineService/Version"))
	require.False(t, answersStream("/machine.MachineService/EtcdRecover"))
	require.False(t, answersStream("/cosi.resource.State/List"))
}
