package machine

import (
	"context"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// ServiceList implements machine.MachineService.
func (s *server) ServiceList(context.Context, *emptypb.Empty) (*machine.ServiceListResponse, error) {
	return &machine.ServiceListResponse{Messages: []*machine.ServiceList{{Services: s.services.infos()}}}, nil
}

// ServiceStart implements machine.MachineService.
func (s *server) ServiceStart(_ context.Context, in *machine.ServiceStartRequest) (*machine.ServiceStartResponse, error) {
	if err := s.onlyKubelet(in.GetId()); err != nil {
		return nil, err
	}

	if s.kubelet() == nil {
		if err := s.startKubelet(); err != nil {
			return nil, err
		}
	}

	return &machine.ServiceStartResponse{Messages: []*machine.ServiceStart{{Resp: fmt.Sprintf("Service %q started", in.GetId())}}}, nil
}

// ServiceStop implements machine.MachineService.
func (s *server) ServiceStop(_ context.Context, in *machine.ServiceStopRequest) (*machine.ServiceStopResponse, error) {
	if err := s.onlyKubelet(in.GetId()); err != nil {
		return nil, err
	}

	s.stopKubelet()

	return &machine.ServiceStopResponse{Messages: []*machine.ServiceStop{{Resp: fmt.Sprintf("Service %q stopped", in.GetId())}}}, nil
}

// ServiceRestart implements machine.MachineService.
func (s *server) ServiceRestart(_ context.Context, in *machine.ServiceRestartRequest) (*machine.ServiceRestartResponse, error) {
	if err := s.onlyKubelet(in.GetId()); err != nil {
		return nil, err
	}

	s.stopKubelet()

	if err := s.startKubelet(); err != nil {
		return nil, err
	}

	return &machine.ServiceRestartResponse{Messages: []*machine.ServiceRestart{{Resp: fmt.Sprintf("Service %q restarted", in.GetId())}}}, nil
}

// onlyKubelet: of the services that Talos lets a caller control, only the kubelet can be
// here. Others it refuses itself (apid, machined, …) or the lab cannot do (etcd).
func (s *server) onlyKubelet(id string) error {
	if !s.services.has(id) {
		return status.Errorf(codes.NotFound, "service %q not found", id)
	}

	if !s.isUp() {
		return status.Error(codes.FailedPrecondition, "the node is going down")
	}

	if id == "kubelet" {
		return nil
	}

	return status.Errorf(codes.Unimplemented, "controlling service %q is not implemented by the simulated machine", id)
}
