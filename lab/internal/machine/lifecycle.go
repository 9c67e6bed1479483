package machine

import "github.com/siderolabs/talos/pkg/machinery/api/machine"

// lifecycleService installs and upgrades.
type lifecycleService struct {
	machine.UnimplementedLifecycleServiceServer

	*boot
}
