package machine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// condition is one thing that a healthy cluster fulfils.
type condition struct {
	name  string
	check func(ctx context.Context, e *examination) error
}

// conditions are Talos's, in Talos's order. What cannot be false here (memory and disk
// sizes) is left out; what a cluster does not have (kube-proxy, CoreDNS) is not asked for.
var conditions = []condition{
	{"etcd to be healthy", func(_ context.Context, e *examination) error { return e.healthy(etcdService, e.planes) }},
	{"etcd members to be consistent across nodes", etcdConsistent},
	{"apid to be ready", func(_ context.Context, e *examination) error { return e.healthy("apid", len(e.nodes)) }},
	{"kubelet to be healthy", func(_ context.Context, e *examination) error { return e.healthy("kubelet", e.planes) }},
	{"all nodes to finish boot sequence", allBooted},
	{"all k8s nodes to report", allReported},
	{"all control plane static pods to be running", podsRunning},
	{"all k8s nodes to report ready", allReady},
	{"all k8s nodes to report schedulable", allSchedulable},
}

// healthy checks a service on the first nodes.
func (e *examination) healthy(service string, first int) error {
	boots, err := e.boots(e.nodes[:first])
	if err != nil {
		return err
	}

	for _, b := range boots {
		at := slices.IndexFunc(b.services.snapshot(), func(s Service) bool { return s.ID == service })
		if at < 0 {
			return fmt.Errorf("%s: service %q not found", b.machine.options.Address, service)
		}

		if s := b.services.snapshot()[at]; s.State != "Running" || !s.Healthy {
			return fmt.Errorf("%s: service %q not healthy: current state [%s] %s", b.machine.options.Address, service, s.State, s.Message)
		}
	}

	return nil
}

func etcdConsistent(ctx context.Context, e *examination) error {
	boots, err := e.boots(e.nodes[:e.planes])
	if err != nil {
		return err
	}

	var first []string

	for _, b := range boots {
		names, err := withEtcd(&server{boot: b}, "member list", func(client *clientv3.Client) ([]string, error) {
			list, err := client.MemberList(clientv3.WithRequireLeader(ctx))
			if err != nil {
				return nil, err
			}

			var names []string
			for _, m := range list.Members {
				names = append(names, fmt.Sprintf("%s/%x/%t", m.Name, m.ID, m.IsLearner))
			}

			slices.Sort(names)

			return names, nil
		})
		if err != nil {
			return err
		}

		if first == nil {
			first = names
		}

		if !slices.Equal(first, names) {
			return fmt.Errorf("%s: expected to have %v members, got %v", b.machine.options.Address, first, names)
		}
	}

	return nil
}

func allBooted(_ context.Context, e *examination) error {
	boots, err := e.boots(e.nodes)
	if err != nil {
		return err
	}

	for _, b := range boots {
		if !b.status.isStage(runtime.MachineStageRunning) {
			return fmt.Errorf("nodes are not running: %s", b.machine.options.Address)
		}
	}

	return nil
}

func podsRunning(_ context.Context, e *examination) error {
	boots, err := e.boots(e.nodes[:e.planes])
	if err != nil {
		return err
	}

	for _, b := range boots {
		if problems := b.podProblems(); len(problems) > 0 {
			return fmt.Errorf("%s: %s", b.machine.options.Address, strings.Join(problems, ", "))
		}
	}

	return nil
}

func (e *examination) kubernetesNodes(ctx context.Context) ([]corev1.Node, error) {
	client, err := e.kubernetes()
	if err != nil {
		return nil, err
	}

	list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}

	return list.Items, nil
}

func allReported(ctx context.Context, e *examination) error {
	nodes, err := e.kubernetesNodes(ctx)
	if err != nil {
		return err
	}

	for _, address := range e.nodes {
		if !slices.ContainsFunc(nodes, func(n corev1.Node) bool {
			return slices.ContainsFunc(n.Status.Addresses, func(a corev1.NodeAddress) bool { return a.Address == address.String() })
		}) {
			return fmt.Errorf("can't find expected node with IP %s", address)
		}
	}

	return nil
}

// allReady is not asked where Talos installs no CNI: nodes are ready only once something
// else has.
func allReady(ctx context.Context, e *examination) error {
	node, _ := e.node()
	if node.Config.Cluster().Network().CNI().Name() == "none" {
		return nil
	}

	return e.every(ctx, nodeIsReady, "ready")
}

func allSchedulable(ctx context.Context, e *examination) error {
	return e.every(ctx, func(n *corev1.Node) bool { return !n.Spec.Unschedulable }, "schedulable")
}

func (e *examination) every(ctx context.Context, is func(*corev1.Node) bool, what string) error {
	nodes, err := e.kubernetesNodes(ctx)
	if err != nil {
		return err
	}

	for i := range nodes {
		if !is(&nodes[i]) {
			return fmt.Errorf("some nodes are not %s: %s", what, nodes[i].Name)
		}
	}

	return nil
}
