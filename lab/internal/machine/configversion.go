package machine

import (
	"context"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

// configVersion is the version of the resource that a static pod is made from. The pod
// carries it, so that a client can tell when a change has arrived there.
func (b *boot) configVersion(staticPod string) string {
	types := map[string]resource.Type{
		k8s.APIServerID:         k8s.APIServerConfigType,
		k8s.ControllerManagerID: k8s.ControllerManagerConfigType,
		k8s.SchedulerID:         k8s.SchedulerConfigType,
	}

	found, err := b.resources.Get(context.Background(),
		resource.NewMetadata(k8s.ControlPlaneNamespaceName, types[staticPod], staticPod, resource.VersionUndefined))
	if err != nil {
		return ""
	}

	return found.Metadata().Version().String()
}
