package machine

import (
	"context"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"

	"phoebe.dev/lab/internal/controlplane"
)

// syncManifests keeps the bootstrap manifests' resources, from which a client that
// upgrades Kubernetes applies them again.
func (b *boot) syncManifests(ctx context.Context) error {
	node, _ := b.node()
	if !node.Config.Machine().Type().IsControlPlane() {
		return nil
	}

	manifests, err := controlplane.Manifests(node.Config)
	if err != nil {
		return err
	}

	var wanted []resource.Resource

	for _, manifest := range manifests {
		r := k8s.NewManifest(k8s.ControlPlaneNamespaceName, manifest.ID)
		for _, object := range manifest.Objects {
			r.TypedSpec().Items = append(r.TypedSpec().Items, k8s.SingleManifest{Object: object.Object})
		}

		wanted = append(wanted, r)
	}

	return b.resources.Sync(ctx, k8s.NewManifest(k8s.ControlPlaneNamespaceName, "").Metadata(), wanted)
}
