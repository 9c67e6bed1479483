package kubelet

import (
	"path"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	cniFolder = "/etc/cni/net.d"
	// cniReplacement is how long a node's network outlives its CNI's pod: an update replaces the pod.
	cniReplacement = 5 * time.Second
)

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

// updateCNI tells the node whether its network is there, and the waiting pods when it has come.
func (p *pods) updateCNI() {
	p.mutex.Lock()

	present := false
	for _, r := range p.started {
		present = present || r.cni
	}

	if present {
		p.cniSeen = time.Now()
	}

	// A replaced pod's successor has the time to come.
	if !present && time.Since(p.cniSeen) < cniReplacement {
		present = true

		time.AfterFunc(cniReplacement, func() { p.updateCNI() })
	}
	p.mutex.Unlock()

	came := present && !p.node.hasCNI()
	p.node.setCNI(present)

	if came {
		for _, key := range p.informer.GetStore().ListKeys() {
			p.queue.Add(key)
		}
	}
}
