package resources

import (
	"net/netip"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	configres "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

// Node is who a configured machine is.
type Node struct {
	Config           config.Provider
	NodeID           string
	Hostname, Domain string
	Nodename         string
	Address          netip.Addr
	Version          string
}

// NewNode reads a node's names from its config.
func NewNode(cfg config.Provider, nodeID string, address netip.Addr, version string) Node {
	hostname, domain := Hostname(cfg, nodeID, address)

	return Node{
		Config: cfg, NodeID: nodeID, Address: address, Version: version,
		Hostname: hostname, Domain: domain, Nodename: Nodename(cfg, hostname, domain),
	}
}

// Member is the node as discovery shows it to the cluster's other nodes.
func (n Node) Member() *cluster.Member {
	member := cluster.NewMember(cluster.NamespaceName, n.Nodename)
	spec := member.TypedSpec()
	spec.NodeID = n.NodeID
	spec.Addresses = []netip.Addr{n.Address}
	spec.Hostname = n.Hostname
	spec.MachineType = n.Config.Machine().Type()
	spec.OperatingSystem = "Talos (" + n.Version + ")"

	if spec.MachineType.IsControlPlane() {
		spec.ControlPlane = &cluster.ControlPlane{APIServerPort: n.Config.Cluster().LocalAPIServerPort()}
	}

	return member
}

// Resources are all resources that follow from the node's config, but for KubeletSpec.
func (n Node) Resources() ([]resource.Resource, error) {
	machineType := configres.NewMachineType()
	machineType.SetMachineType(n.Config.Machine().Type())

	hostname := network.NewHostnameStatus(network.NamespaceName, network.HostnameID)
	hostname.TypedSpec().Hostname, hostname.TypedSpec().Domainname = n.Hostname, n.Domain

	nodename := k8s.NewNodename(k8s.NamespaceName, k8s.NodenameID)
	nodename.TypedSpec().Nodename = n.Nodename
	nodename.TypedSpec().HostnameVersion = "1"
	nodename.TypedSpec().SkipNodeRegistration = n.Config.Machine().Kubelet().SkipNodeRegistration()

	identity := cluster.NewIdentity(cluster.NamespaceName, cluster.LocalIdentity)
	identity.TypedSpec().NodeID = n.NodeID

	info := cluster.NewInfo()
	info.TypedSpec().ClusterID = n.Config.Cluster().ID()
	info.TypedSpec().ClusterName = n.Config.Cluster().Name()

	all := []resource.Resource{
		configres.NewMachineConfigWithID(n.Config, configres.ActiveID),
		machineType, hostname, nodename, identity, info,
	}

	kubelet, err := n.kubeletConfig()
	if err != nil {
		return nil, err
	}

	all = append(all, kubelet)

	if n.Config.Machine().Type() == machine.TypeWorker {
		return all, nil
	}

	plane, err := controlPlane(n.Config)
	if err != nil {
		return nil, err
	}

	return append(all, plane...), nil
}
