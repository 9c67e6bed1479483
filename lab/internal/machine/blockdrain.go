package machine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
)

// blocksLabel marks the budgets of the fault; its value is the machine that they hold up.
const blocksLabel = "lab/blocks-drain-of"

// ofOnePod are labels that controllers give to one pod, or to one generation of pods, alone.
var ofOnePod = []string{
	"pod-template-hash", "controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
}

// blockDrain makes budgets that allow no disruption of what runs on the node and a drain would evict.
func (m *Machine) blockDrain(ctx context.Context) error {
	b := m.booted()
	if b == nil || !b.isUp() {
		return errors.New("it is no running node")
	}

	client, err := b.kubernetes()
	if err != nil {
		return err
	}

	if client == nil {
		return errors.New("no API server of its cluster answers")
	}

	node, _ := b.node()

	pods, err := client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + node.Nodename})
	if err != nil {
		return err
	}

	made := 0

	for i := range pods.Items {
		budget := blockingBudget(&pods.Items[i], m.options.Name)
		if budget == nil {
			continue
		}

		// Two budgets over one pod are an error of their own, not a drain that waits.
		if covered, err := hasBudget(ctx, client, &pods.Items[i]); err != nil {
			return err
		} else if covered {
			continue
		}

		if _, err := client.PolicyV1().PodDisruptionBudgets(budget.Namespace).Create(ctx, budget, metav1.CreateOptions{}); err != nil {
			return err
		}

		made++
	}

	if made == 0 {
		return errors.New("no pod is on it that a drain would evict and that has no budget yet")
	}

	return nil
}

// blockingBudget is nil for a pod that no drain evicts, or that a budget cannot count.
func blockingBudget(pod *corev1.Pod, machine string) *policyv1.PodDisruptionBudget {
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind == "DaemonSet" || owner.Kind == "Node" || owner.Kind == "Job" || pod.DeletionTimestamp != nil {
		return nil
	}

	selected := maps.Clone(pod.Labels)
	for _, label := range ofOnePod {
		delete(selected, label)
	}

	if len(selected) == 0 {
		return nil
	}

	sum := sha256.Sum256([]byte(machine + labels.FormatLabels(selected)))
	none := intstr.FromInt32(0)

	return &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{
			Name: "lab-block-drain-" + hex.EncodeToString(sum[:4]), Namespace: pod.Namespace, Labels: map[string]string{blocksLabel: machine},
		},
		Spec: policyv1.PodDisruptionBudgetSpec{MaxUnavailable: &none, Selector: &metav1.LabelSelector{MatchLabels: selected}},
	}
}

func hasBudget(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod) (bool, error) {
	budgets, err := client.PolicyV1().PodDisruptionBudgets(pod.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, err
	}

	for _, budget := range budgets.Items {
		selector, err := metav1.LabelSelectorAsSelector(budget.Spec.Selector)
		if err != nil {
			return false, err
		}

		if selector.Matches(labels.Set(pod.Labels)) {
			return true, nil
		}
	}

	return false, nil
}

// unblockDrain removes the budgets again, in whichever cluster of the lab they are: the machine itself may be off.
func (m *Machine) unblockDrain(ctx context.Context) error {
	clients := map[string]*kubernetes.Clientset{}

	for _, other := range m.fabric.Machines() {
		b := other.booted()
		if b == nil || !b.isUp() {
			continue
		}

		node, _ := b.node()
		if client, err := b.kubernetes(); err == nil && client != nil {
			clients[node.Config.Cluster().ID()] = client
		}
	}

	if len(clients) == 0 {
		return errors.New("no API server answers")
	}

	for _, client := range clients {
		budgets, err := client.PolicyV1().PodDisruptionBudgets(metav1.NamespaceAll).List(ctx, metav1.ListOptions{
			LabelSelector: labels.Set{blocksLabel: m.options.Name}.String(),
		})
		if err != nil {
			return err
		}

		for _, budget := range budgets.Items {
			err := client.PolicyV1().PodDisruptionBudgets(budget.Namespace).Delete(ctx, budget.Name, metav1.DeleteOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				return err
			}
		}
	}

	return nil
}
