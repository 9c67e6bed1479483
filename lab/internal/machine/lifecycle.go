package machine

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// lifecycleService is the newer upgrade call: it only installs, without a look at etcd;
// the client reboots afterwards.
type lifecycleService struct {
	machine.UnimplementedLifecycleServiceServer

	*boot
}

// Upgrade implements machine.LifecycleService.
func (s lifecycleService) Upgrade(in *machine.LifecycleServiceUpgradeRequest, stream grpc.ServerStreamingServer[machine.LifecycleServiceUpgradeResponse]) error {
	if !s.installing.TryLock() {
		return status.Error(codes.FailedPrecondition, "another installation/upgrade is already in progress")
	}
	defer s.installing.Unlock()

	system, err := s.upgradeImage(in.GetSource().GetImageName())
	if err != nil {
		return err
	}

	if err := stream.Send(progress(fmt.Sprintf("running Talos installer %s", system.Version))); err != nil {
		return err
	}

	if err := s.installUpgrade(system); err != nil {
		return err
	}

	if err := stream.Send(progress("installation of " + system.Version + " complete")); err != nil {
		return err
	}

	return stream.Send(&machine.LifecycleServiceUpgradeResponse{Progress: &machine.LifecycleServiceInstallProgress{
		Response: &machine.LifecycleServiceInstallProgress_ExitCode{ExitCode: 0},
	}})
}

func progress(message string) *machine.LifecycleServiceUpgradeResponse {
	return &machine.LifecycleServiceUpgradeResponse{Progress: &machine.LifecycleServiceInstallProgress{
		Response: &machine.LifecycleServiceInstallProgress_Message{Message: message},
	}}
}
