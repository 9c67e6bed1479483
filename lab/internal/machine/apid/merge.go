package apid

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// A unary answer is `{messages: [{metadata, …}]}`, a streamed one `{metadata, …}`.
// Protobuf merges fields that come twice, so a node's name is appended, not decoded.
const messagesField = 1

// mark appends which node an answer is from.
func mark(target string, streamed bool, answer frame) (frame, error) {
	metadata, err := proto.Marshal(&common.Empty{Metadata: &common.Metadata{Hostname: target}})
	if err != nil {
		return nil, err
	}

	if streamed {
		return append(answer, metadata...), nil
	}

	number, kind, tagLen := protowire.ConsumeTag(answer)
	if tagLen < 0 || number != messagesField || kind != protowire.BytesType {
		return nil, fmt.Errorf("node %s: its answer does not hold a list of messages", target)
	}

	message, length := protowire.ConsumeBytes(answer[tagLen:])
	if length < 0 || tagLen+length != len(answer) {
		return nil, fmt.Errorf("node %s: its answer holds more than one message", target)
	}

	merged := append(append([]byte{}, message...), metadata...)

	return protowire.AppendBytes(protowire.AppendTag(nil, messagesField, protowire.BytesType), merged), nil
}

// failed is a node's error as one message among the others' answers.
func failed(target string, streamed bool, cause error) (frame, error) {
	message := &common.Empty{Metadata: &common.Metadata{
		Hostname: target,
		Error:    cause.Error(),
		Status:   status.Convert(cause).Proto(),
	}}

	if streamed {
		return proto.Marshal(message)
	}

	return proto.Marshal(&common.EmptyResponse{Messages: []*common.Empty{message}})
}
