package machine

import (
	"context"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Events streams what happens on the node, behind an empty event that tells the client
// that the stream is on.
func (s *server) Events(in *machine.EventsRequest, stream machine.MachineService_EventsServer) error {
	position, err := s.events.Start(in)
	if err != nil {
		return status.Errorf(codes.InvalidArgument, "error parsing tail_id: %v", err)
	}

	if err := stream.Send(&machine.Event{Data: &anypb.Any{}, ActorId: in.GetWithActorId()}); err != nil {
		return err
	}

	for {
		event, next, err := s.events.Next(stream.Context(), position)
		if err != nil {
			return err
		}

		position = next

		if in.GetWithActorId() != "" && event.ActorID != in.GetWithActorId() {
			continue
		}

		message, err := event.Message()
		if err != nil {
			return err
		}

		if err := stream.Send(message); err != nil {
			return err
		}
	}
}

// Dmesg implements machine.MachineService.
func (s *server) Dmesg(in *machine.DmesgRequest, stream machine.MachineService_DmesgServer) error {
	start := 0
	if in.GetTail() {
		start = s.logs.Kernel.End()
	}

	return s.logs.Kernel.Stream(stream.Context(), start, in.GetFollow(), func(data []byte) error {
		return stream.Send(&common.Data{Bytes: data})
	})
}

// Logs implements machine.MachineService: the services', and the static pods' by their
// names.
func (s *server) Logs(in *machine.LogsRequest, stream machine.MachineService_LogsServer) error {
	id := in.GetId()
	if in.GetNamespace() == constants.K8sContainerdNamespace {
		id = s.containerLog(id)
	}

	log := s.logs.Service(id)
	if log == nil {
		return status.Errorf(codes.NotFound, "log %q was not registered", in.GetId())
	}

	lines := -1
	if in.GetTailLines() >= 0 {
		lines = int(in.GetTailLines())
	}

	return log.Stream(stream.Context(), log.Tail(lines), in.GetFollow(), func(data []byte) error {
		return stream.Send(&common.Data{Bytes: data})
	})
}

// LogsContainers implements machine.MachineService.
func (s *server) LogsContainers(context.Context, *emptypb.Empty) (*machine.LogsContainersResponse, error) {
	return &machine.LogsContainersResponse{Messages: []*machine.LogsContainer{{Ids: s.logs.Names()}}}, nil
}
