package machine

import (
	"context"
	"net/netip"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

// syncEndpoints keeps the control plane's addresses that every node has: of the API servers that Kubernetes itself names,
// of the machines that discovery knows, and of the endpoint in the config.
func (b *boot) syncEndpoints(ctx context.Context) error {
	node, ok := b.node()
	if !ok {
		return nil
	}

	clusterID := node.Config.Cluster().ID()

	var discovered, serving []netip.Addr

	for _, member := range b.discovered(node) {
		if spec := member.TypedSpec(); spec.MachineType.IsControlPlane() {
			discovered = append(discovered, spec.Addresses...)
		}
	}

	for _, other := range b.fabric.boots(clusterID) {
		if other.servesKubernetes() {
			serving = append(serving, other.machine.options.Address)
		}
	}

	known := map[string][]netip.Addr{k8s.ControlPlaneDiscoveredEndpointsID: discovered}

	// Where no API server answers, what was last heard of them stays.
	if len(serving) > 0 {
		known[k8s.ControlPlaneAPIServerEndpointsID] = serving
	}

	for id, addresses := range known {
		slices.SortFunc(addresses, netip.Addr.Compare)

		endpoint := k8s.NewEndpoint(k8s.ControlPlaneNamespaceName, id)
		endpoint.TypedSpec().Addresses = addresses

		if err := b.resources.Put(ctx, endpoint); err != nil {
			return err
		}
	}

	static := k8s.NewEndpoint(k8s.ControlPlaneNamespaceName, k8s.ControlPlaneKubernetesEndpointsID)

	// The lab has no DNS: a name stays one.
	host := node.Config.Cluster().Endpoint().Hostname()
	if address, err := netip.ParseAddr(host); err == nil {
		static.TypedSpec().Addresses = []netip.Addr{address}
	} else {
		static.TypedSpec().Hosts = []string{host}
	}

	return b.resources.Put(ctx, static)
}
