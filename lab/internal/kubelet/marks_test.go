package kubelet

import (
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func marked(t *testing.T, node *corev1.Node, labels, taints map[string]string) {
	t.Helper()

	cfg, err := container.New(&v1alpha1.Config{
		ConfigVersion: "v1alpha1",
		MachineConfig: &v1alpha1.MachineConfig{MachineType: "worker", MachineNodeLabels: labels, MachineNodeTaints: taints},
		ClusterConfig: &v1alpha1.ClusterConfig{},
	})
	require.NoError(t, err)
	require.NoError(t, applyMarks(node, cfg))
}

func TestMarksComeChangeAndGo(t *testing.T) {
	node := &corev1.Node{}
	marked(t, node, map[string]string{"rack": "1"}, map[string]string{"gpu": "yes:NoSchedule", "plain": "NoExecute"})
	require.Equal(t, map[string]string{"rack": "1"}, node.Labels)
	require.ElementsMatch(t, []corev1.Taint{
		{Key: "gpu", Value: "yes", Effect: corev1.TaintEffectNoSchedule}, {Key: "plain", Effect: corev1.TaintEffectNoExecute},
	}, node.Spec.Taints)

	marked(t, node, map[string]string{"rack": "2"}, nil)
	require.Equal(t, map[string]string{"rack": "2"}, node.Labels)
	require.Empty(t, node.Spec.Taints)

	marked(t, node, nil, nil)
	require.Empty(t, node.Labels)
	require.Empty(t, node.Annotations)
}

func TestMarksOfOthersStay(t *testing.T) {
	theirs := corev1.Taint{Key: "gpu", Value: "theirs", Effect: corev1.TaintEffectNoSchedule}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"rack": "theirs", "zone": "a"}}}
	node.Spec.Taints = []corev1.Taint{theirs}

	marked(t, node, map[string]string{"rack": "1"}, map[string]string{"gpu": "ours:NoSchedule"})
	marked(t, node, nil, nil)
	require.Equal(t, map[string]string{"rack": "theirs", "zone": "a"}, node.Labels)
	require.Equal(t, []corev1.Taint{theirs}, node.Spec.Taints)
}
