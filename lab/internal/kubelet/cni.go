package kubelet

import (
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const cniFolder = "/etc/cni/net.d"

// IsCNI tells whether a pod brings a node's network: it mounts the folder of the CNI's configuration.
func IsCNI(spec *corev1.PodSpec) bool {
	for _, volume := range spec.Volumes {
		if volume.HostPath == nil {
			continue
		}

		if mounted := path.Clean(volume.HostPath.Path); mounted == cniFolder || strings.HasPrefix(mounted, cniFolder+"/") {
			return true
		}
	}

	return false
}

// IsReady tells whether a pod's Ready condition is true.
func IsReady(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}

	return false
}
