package machine_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	clusterres "github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/machine"
)

// serving is a control plane whose API server answers as soon as it is there.
type serving struct{ *fakePlane }

func (s serving) Statuses() []controlplane.Status {
	return append(s.fakePlane.Statuses(), controlplane.Status{Name: "kube-apiserver", State: controlplane.Running, Healthy: true})
}

func withoutDiscovery(cfg *v1alpha1.Config) {
	off := false
	cfg.ClusterConfig.ClusterDiscoveryConfig = &v1alpha1.ClusterDiscoveryConfig{DiscoveryEnabled: &off}
}

func TestAWorkerKnowsTheControlPlane(t *testing.T) {
	t.Parallel()

	for i, discovery := range []bool{true, false} {
		t.Run(fmt.Sprintf("discovery %t", discovery), func(t *testing.T) {
			t.Parallel()

			plane, worker := fmt.Sprintf("127.201.9.%d1", i+1), fmt.Sprintf("127.201.9.%d2", i+1)
			components := fakes()
			components.ControlPlane = func(o controlplane.Options) (machine.ControlPlane, error) {
				return serving{&fakePlane{options: o}}, nil
			}

			f := newFabric(t, machine.FabricOptions{Components: components})
			c := newCluster(t, mustAddr(plane))

			var patches []func(*v1alpha1.Config)
			if !discovery {
				patches = append(patches, withoutDiscovery)
			}

			c.node(f, "c1", plane, machinetype.TypeControlPlane, patches...)
			c.node(f, "w1", worker, machinetype.TypeWorker, patches...)

			known := map[string][]netip.Addr{
				k8s.ControlPlaneAPIServerEndpointsID:  {mustAddr(plane)},
				k8s.ControlPlaneKubernetesEndpointsID: {mustAddr(plane)},
				k8s.ControlPlaneDiscoveredEndpointsID: nil,
			}
			members := 0

			if discovery {
				known[k8s.ControlPlaneDiscoveredEndpointsID] = []netip.Addr{mustAddr(plane)}
				members = 2
			}

			api := c.admin(worker)

			await(t, func(ctx context.Context) error { return knows(ctx, api, known, members) })
		})
	}
}

func knows(ctx context.Context, api *client.Client, known map[string][]netip.Addr, members int) error {
	for id, addresses := range known {
		endpoint, err := safe.StateGet[*k8s.Endpoint](ctx, api.COSI, k8s.NewEndpoint(k8s.ControlPlaneNamespaceName, id).Metadata())
		if err != nil {
			return err
		}

		if found := endpoint.TypedSpec().Addresses; !slices.Equal(found, addresses) {
			return fmt.Errorf("%s: %v", id, found)
		}
	}

	found, err := safe.StateListAll[*clusterres.Member](ctx, api.COSI)
	if err == nil && found.Len() != members {
		err = fmt.Errorf("%d members", found.Len())
	}

	return err
}
