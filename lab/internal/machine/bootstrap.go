package machine

import (
	"context"
	"errors"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"phoebe.dev/lab/internal/controlplane"
)

// Bootstrap starts a new etcd cluster, empty or with what the snapshot holds that was uploaded. Like Talos it looks at this node alone: it does
// not know whether the cluster has an etcd elsewhere.
func (s *server) Bootstrap(ctx context.Context, in *machine.BootstrapRequest) (*machine.BootstrapResponse, error) {
	s.logs.Printf("bootstrap request received")

	if !s.isUp() {
		return nil, status.Error(codes.FailedPrecondition, "bootstrap is not available yet")
	}

	if err := s.controlPlaneOnly("bootstrap"); err != nil {
		return nil, err
	}

	plane := s.plane()
	if plane == nil {
		return nil, status.Error(codes.FailedPrecondition, "bootstrap is not available yet")
	}

	begin, with := plane.Bootstrap, "a new etcd cluster"
	if in.GetRecoverEtcd() {
		with = "an etcd cluster from a snapshot"
		begin = func(ctx context.Context) error {
			return plane.Recover(ctx, controlplane.Snapshot{Path: s.recoverySnapshot(), SkipHashCheck: in.GetRecoverSkipHashCheck()})
		}
	}

	err := begin(ctx)

	switch {
	case errors.Is(err, controlplane.ErrAlreadyExists):
		return nil, status.Error(codes.AlreadyExists, "etcd data directory is not empty")
	case errors.Is(err, controlplane.ErrNotReady):
		return nil, status.Error(codes.FailedPrecondition, err.Error())
	case err != nil:
		return nil, err
	}

	s.machine.note("bootstrapped", with)

	return &machine.BootstrapResponse{Messages: []*machine.Bootstrap{{}}}, nil
}
