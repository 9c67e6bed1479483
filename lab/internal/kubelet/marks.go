package kubelet

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// keepTalosMarks puts the labels, annotations and taints of the machine config on the Node. Talos itself does so: with an
// administrator's rights on the control plane, with the kubelet's on a worker, which may not set all labels.
func (k *Kubelet) keepTalosMarks(ctx context.Context, own kubernetes.Interface) {
	for {
		_ = k.retry(ctx, "labels and taints", func() error { return k.mark(ctx, own) }) // fails only when ctx ends

		select {
		case <-ctx.Done():
			return
		case <-k.updated:
		}
	}
}

func (k *Kubelet) mark(ctx context.Context, client kubernetes.Interface) error {
	cfg := k.current()

	if cfg.Machine().Type().IsControlPlane() {
		access, err := k.adminAccess()
		if err != nil {
			return err
		}

		if client, err = kubernetes.NewForConfig(access); err != nil {
			return err
		}
	}

	node, err := client.CoreV1().Nodes().Get(ctx, k.Hostname, metav1.GetOptions{})
	if err != nil {
		return err
	}

	before := node.DeepCopy()
	if err := applyMarks(node, cfg); err != nil {
		return err
	}

	if maps.Equal(before.Labels, node.Labels) && maps.Equal(before.Annotations, node.Annotations) && slices.Equal(before.Spec.Taints, node.Spec.Taints) {
		return nil
	}

	_, err = client.CoreV1().Nodes().Update(ctx, node, metav1.UpdateOptions{})

	return err
}

// applyMarks follows Talos's rule: what it set it owns and may change or remove again; what others set it leaves alone.
func applyMarks(node *corev1.Node, cfg config.Config) error {
	labels := maps.Clone(cfg.Machine().NodeLabels())
	if labels == nil {
		labels = map[string]string{}
	}

	taints := []corev1.Taint{}

	if cfg.Machine().Type().IsControlPlane() {
		labels[constants.LabelNodeRoleControlPlane] = ""

		if !cfg.Cluster().ScheduleOnControlPlanes() {
			taints = append(taints, corev1.Taint{Key: constants.LabelNodeRoleControlPlane, Effect: corev1.TaintEffectNoSchedule})
		}
	}

	for key, text := range cfg.Machine().NodeTaints() {
		value, effect, found := strings.Cut(text, ":")
		if !found {
			value, effect = "", text
		}

		taints = append(taints, corev1.Taint{Key: key, Value: value, Effect: corev1.TaintEffect(effect)})
	}

	if node.Labels == nil {
		node.Labels = map[string]string{}
	}

	if node.Annotations == nil {
		node.Annotations = map[string]string{}
	}

	for _, step := range []struct {
		annotation string
		apply      func(owned map[string]bool)
	}{
		{constants.AnnotationOwnedLabels, func(owned map[string]bool) { own(node.Labels, labels, owned) }},
		{constants.AnnotationOwnedAnnotations, func(owned map[string]bool) { own(node.Annotations, cfg.Machine().NodeAnnotations(), owned) }},
		{constants.AnnotationOwnedTaints, func(owned map[string]bool) { node.Spec.Taints = ownTaints(node.Spec.Taints, taints, owned) }},
	} {
		if err := withOwned(node, step.annotation, step.apply); err != nil {
			return err
		}
	}

	return nil
}

// withOwned reads and writes the annotation in which Talos remembers what it set.
func withOwned(node *corev1.Node, annotation string, apply func(map[string]bool)) error {
	var keys []string

	if text := node.Annotations[annotation]; text != "" {
		if err := json.Unmarshal([]byte(text), &keys); err != nil {
			return err
		}
	}

	owned := map[string]bool{}
	for _, key := range keys {
		owned[key] = true
	}

	apply(owned)

	if len(owned) == 0 {
		delete(node.Annotations, annotation)

		return nil
	}

	text, err := json.Marshal(slices.Sorted(maps.Keys(owned)))
	node.Annotations[annotation] = string(text)

	return err
}

func own(current, declared map[string]string, owned map[string]bool) {
	for key, value := range declared {
		if existing, exists := current[key]; !exists || existing == value || owned[key] {
			current[key], owned[key] = value, true
		}
	}

	for key := range owned {
		if _, exists := declared[key]; !exists {
			delete(current, key)
			delete(owned, key)
		}
	}
}

func ownTaints(current, declared []corev1.Taint, owned map[string]bool) []corev1.Taint {
	var kept []corev1.Taint

	for _, taint := range current {
		at := slices.IndexFunc(declared, func(d corev1.Taint) bool { return d.Key == taint.Key })

		switch {
		case at < 0 && owned[taint.Key]:
			delete(owned, taint.Key)
		case at >= 0 && (owned[taint.Key] || declared[at].Value == taint.Value && declared[at].Effect == taint.Effect):
			owned[taint.Key] = true
			kept = append(kept, declared[at])
		default:
			kept = append(kept, taint)
		}
	}

	for _, taint := range declared {
		if !slices.ContainsFunc(kept, func(k corev1.Taint) bool { return k.Key == taint.Key }) {
			owned[taint.Key] = true
			kept = append(kept, taint)
		}
	}

	return kept
}
