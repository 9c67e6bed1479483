package machine

import (
	"context"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// watchAgain is the pause before a watch that ended is begun anew.
const watchAgain = 500 * time.Millisecond

// watchNode keeps the NodeStatus resource: the node as Kubernetes has it. Where no API
// server answers, what was last known stays.
func (b *boot) watchNode(ctx context.Context) error {
	for {
		changed := b.fabric.changed.wait()

		if err := b.watchNodeOnce(ctx); err != nil && ctx.Err() == nil {
			b.logs.Printf("node status: %v", err)
		}

		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-time.After(watchAgain):
		}
	}
}

func (b *boot) watchNodeOnce(ctx context.Context) error {
	node, _ := b.node()

	client, err := b.kubernetes()
	if client == nil || err != nil {
		return err
	}

	watch, err := client.CoreV1().Nodes().Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + node.Nodename})
	if err != nil {
		return err
	}
	defer watch.Stop()

	for event := range watch.ResultChan() {
		object, ok := event.Object.(*corev1.Node)
		if !ok {
			return fmt.Errorf("watching node %s: %T", node.Nodename, event.Object)
		}

		status := k8s.NewNodeStatus(k8s.NamespaceName, node.Nodename)
		*status.TypedSpec() = k8s.NodeStatusSpec{
			Nodename:      node.Nodename,
			NodeReady:     event.Type != "DELETED" && nodeIsReady(object),
			Unschedulable: object.Spec.Unschedulable,
			Labels:        object.Labels,
			Annotations:   object.Annotations,
		}

		if err := b.resources.Put(ctx, status); err != nil {
			return err
		}

		b.changed.notify()
	}

	return nil
}

func nodeIsReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}

	return false
}

// kubernetes is an administrator's client of an API server of the cluster that answers,
// the node's own before others; nil while none does.
func (b *boot) kubernetes() (*kubernetes.Clientset, error) {
	node, _ := b.node()

	for _, other := range append([]*boot{b}, b.fabric.boots(node.Config.Cluster().ID())...) {
		plane := other.plane()
		if plane == nil || !other.servesKubernetes() {
			continue
		}

		kubeconfig, err := plane.AdminKubeconfig(other.apiServer())
		if err != nil {
			return nil, err
		}

		config, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
		if err != nil {
			return nil, err
		}

		return kubernetes.NewForConfig(config)
	}

	return nil, nil
}

// nodeProblems is Talos's check that Kubernetes has the node as ready.
func (b *boot) nodeProblems() []string {
	node, ok := b.node()
	if !ok || node.Config.Machine().Kubelet().SkipNodeRegistration() {
		return nil
	}

	found, err := b.resources.Get(context.Background(), k8s.NewNodeStatus(k8s.NamespaceName, node.Nodename).Metadata())
	if err != nil {
		return []string{fmt.Sprintf("node %q status is not available yet", node.Nodename)}
	}

	if !found.(*k8s.NodeStatus).TypedSpec().NodeReady {
		return []string{fmt.Sprintf("node %q is not ready", node.Nodename)}
	}

	return nil
}
