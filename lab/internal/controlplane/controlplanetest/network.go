package controlplanetest

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CNI is a DaemonSet that a simulated kubelet takes for the network: its pods are on the host network of every node and
// write into the folder of CNI configurations.
func CNI() *appsv1.DaemonSet {
	d := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: "cni"}}
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "cni"}}
	d.Spec.Template.Labels = d.Spec.Selector.MatchLabels
	d.Spec.Template.Spec = corev1.PodSpec{
		HostNetwork: true, Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
		Containers: []corev1.Container{{Name: "cni", Image: "cni"}},
		Volumes:    []corev1.Volume{{Name: "cni", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/etc/cni/net.d"}}}},
	}

	return d
}
