package kubelet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"phoebe.dev/lab/internal/controlplane"
)

const systemCriticalPriority = 2000000000

func isMirror(pod *corev1.Pod) bool { return pod.Annotations[corev1.MirrorPodAnnotationKey] != "" }

// keepStaticPods mirrors the control plane's components into the API server.
func (p *pods) keepStaticPods(ctx context.Context) {
	if p.StaticPods == nil {
		return
	}

	ticker := time.NewTicker(staticPodsPeriod)
	defer ticker.Stop()

	for {
		for _, status := range p.StaticPods() {
			if err := p.mirror(ctx, status); err != nil && ctx.Err() == nil {
				p.logf("mirror of %s: %s", status.Name, err)
			}
		}

		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// mirror keeps one static pod's mirror. Its spec cannot be changed: another pod takes its place.
func (p *pods) mirror(ctx context.Context, component controlplane.Status) error {
	if component.Name == "etcd" {
		return nil // a service of Talos, not a pod
	}

	stored, exists, err := p.informer.GetStore().GetByKey(metav1.NamespaceSystem + "/" + component.Name + "-" + p.Hostname)
	if err != nil {
		return err
	}

	current, _ := stored.(*corev1.Pod)

	if component.Image == "" { // not started yet, or disabled
		switch {
		case !exists:
			return nil
		case component.State == controlplane.Waiting:
			return p.finalize(ctx, current)
		default:
			return p.write(ctx, current, waitingStatus(current, p.Address.String()))
		}
	}

	wanted, err := p.staticPod(component, current)
	if err != nil {
		return err
	}

	switch {
	case !exists:
		_, err := p.client.CoreV1().Pods(metav1.NamespaceSystem).Create(ctx, wanted, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			return nil // the watch is behind
		}

		return err
	case current.DeletionTimestamp != nil || current.Annotations[corev1.MirrorPodAnnotationKey] != wanted.Annotations[corev1.MirrorPodAnnotationKey]:
		return p.finalize(ctx, current)
	case component.State == controlplane.Running:
		status := runningStatus(current, p.staticRun(current), p.Address.String())
		if !component.Healthy {
			for i := range status.ContainerStatuses {
				status.ContainerStatuses[i].Ready = false
			}

			setConditions(&status, current, corev1.ConditionTrue, corev1.ConditionFalse, "ContainersNotReady")
		}

		return p.write(ctx, current, status)
	default:
		return p.write(ctx, current, waitingStatus(current, p.Address.String()))
	}
}

func (p *pods) staticRun(pod *corev1.Pod) run {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	r, ok := p.started[pod.UID]
	if !ok {
		r = run{pod: pod.Namespace + "/" + pod.Name, at: now(), ip: p.hostIP(), count: restarts(pod)}
		p.started[pod.UID] = r
	}

	return r
}

// staticPod is a component's pod as Talos writes it, as far as records can show it. Arguments that were seen once are kept while the
// program is down, so that a crash makes no other pod.
func (p *pods) staticPod(component controlplane.Status, current *corev1.Pod) (*corev1.Pod, error) {
	arguments := component.Arguments
	if len(arguments) == 0 && current != nil && len(current.Spec.Containers[0].Command) > 0 {
		arguments = current.Spec.Containers[0].Command[1:]
	}

	version := strings.TrimPrefix(tag(component.Image), "v")
	priority := int32(systemCriticalPriority)
	annotations := map[string]string{"kubernetes.io/config.source": "http"}
	maps.Copy(annotations, component.Marks)

	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: component.Name + "-" + p.Hostname, Namespace: metav1.NamespaceSystem,
			OwnerReferences: []metav1.OwnerReference{controllerOwner(p.node.owner())},
			Annotations:     annotations,
			Labels: map[string]string{
				"tier": "control-plane", "k8s-app": component.Name, "component": component.Name,
				"app.kubernetes.io/name": component.Name, "app.kubernetes.io/version": version,
				"app.kubernetes.io/component": "control-plane", "app.kubernetes.io/managed-by": "Talos",
			},
		},
		Spec: corev1.PodSpec{
			NodeName: p.Hostname, HostNetwork: true, Priority: &priority, PriorityClassName: "system-cluster-critical",
			Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}},
			Containers: []corev1.Container{{
				Name: component.Name, Image: component.Image, Command: append([]string{"/usr/local/bin/" + component.Name}, arguments...),
			}},
		},
	}

	content, err := json.Marshal(pod)
	if err != nil {
		return nil, err
	}

	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:16])
	pod.Annotations["kubernetes.io/config.hash"], pod.Annotations[corev1.MirrorPodAnnotationKey] = hash, hash
	pod.Annotations["kubernetes.io/config.seen"] = time.Now().UTC().Format(time.RFC3339Nano)

	return pod, nil
}

func controllerOwner(owner metav1.OwnerReference) metav1.OwnerReference {
	owner.Controller = new(true)

	return owner
}
