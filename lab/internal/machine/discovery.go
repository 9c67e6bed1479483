package machine

import (
	"context"
	"net/netip"
	"slices"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/machine/resources"
)

// affiliate is what discovery last heard of a machine. It outlives a power cut, as on
// the real discovery service; only a reset takes it back.
type affiliate struct {
	clusterID string
	member    *cluster.Member
}

// announce tells discovery of this node, where its config has it take part.
func (b *boot) announce() {
	node, _ := b.node()

	announced := affiliate{}
	if node.Config.Cluster().Discovery().Enabled() {
		announced = affiliate{clusterID: node.Config.Cluster().ID(), member: node.Member()}
	}

	b.machine.mu.Lock()
	b.machine.member = announced
	b.machine.mu.Unlock()

	b.fabric.changed.notify()
}

// withdraw takes the announcement back.
func (b *boot) withdraw() {
	b.machine.mu.Lock()
	b.machine.member = affiliate{}
	b.machine.mu.Unlock()

	b.fabric.changed.notify()
}

// members are all nodes of a cluster that discovery knows, up or not.
func (f *Fabric) members(clusterID string) []*cluster.Member {
	var members []*cluster.Member

	for _, m := range f.Machines() {
		m.mu.Lock()
		known := m.member
		m.mu.Unlock()

		if known.member != nil && known.clusterID == clusterID {
			members = append(members, known.member.DeepCopy().(*cluster.Member))
		}
	}

	return members
}

// discovered are the members that a node learns of: none where its config has it take no part in discovery.
func (b *boot) discovered(node resources.Node) []*cluster.Member {
	if !node.Config.Cluster().Discovery().Enabled() {
		return nil
	}

	return b.fabric.members(node.Config.Cluster().ID())
}

// syncMembers puts what discovery knows into the node's resources.
func (b *boot) syncMembers(ctx context.Context) error {
	node, ok := b.node()
	if !ok {
		return nil
	}

	var wanted []resource.Resource
	for _, member := range b.discovered(node) {
		wanted = append(wanted, member)
	}

	return b.resources.Sync(ctx, cluster.NewMember(cluster.NamespaceName, "").Metadata(), wanted)
}

// nodes are the booted and configured nodes of a cluster.
func (f *Fabric) nodes(clusterID string) []resources.Node {
	var nodes []resources.Node

	for _, b := range f.boots(clusterID) {
		node, _ := b.node()
		nodes = append(nodes, node)
	}

	return nodes
}

func (f *Fabric) boots(clusterID string) []*boot {
	var boots []*boot

	for _, m := range f.Machines() {
		if b := m.booted(); b != nil && b.isUp() {
			if node, ok := b.node(); ok && node.Config.Cluster().ID() == clusterID {
				boots = append(boots, b)
			}
		}
	}

	return boots
}

// peers are the other control plane machines of the node's cluster.
func (b *boot) peers() []controlplane.Peer {
	node, ok := b.node()
	if !ok {
		return nil
	}

	var peers []controlplane.Peer

	for _, other := range b.fabric.nodes(node.Config.Cluster().ID()) {
		if other.Address != node.Address && other.Config.Machine().Type().IsControlPlane() {
			peers = append(peers, controlplane.Peer{Hostname: other.Hostname, Address: other.Address})
		}
	}

	slices.SortFunc(peers, func(a, b controlplane.Peer) int { return a.Address.Compare(b.Address) })

	return peers
}

// bootAt is the configured and booted node at an address; nil where there is none.
func (f *Fabric) bootAt(address netip.Addr) *boot {
	for _, m := range f.Machines() {
		if m.options.Address == address {
			if b := m.booted(); b != nil && b.isUp() {
				return b
			}
		}
	}

	return nil
}
