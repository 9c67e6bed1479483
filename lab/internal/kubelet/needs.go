package kubelet

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// need is a Secret or ConfigMap that a pod cannot start without.
type need struct{ kind, name string }

// needs lists what a pod's volumes and environment refer to and do not call optional. (kube-root-ca.crt is left out: every pod's token
// volume names it, and every namespace gets it.)
func needs(pod *corev1.Pod) []need {
	all := map[need]bool{}
	add := func(kind, name string, optional *bool) {
		if name != "" && name != "kube-root-ca.crt" && (optional == nil || !*optional) {
			all[need{kind, name}] = true
		}
	}

	for _, volume := range pod.Spec.Volumes {
		if volume.Secret != nil {
			add("secret", volume.Secret.SecretName, volume.Secret.Optional)
		}

		if volume.ConfigMap != nil {
			add("configmap", volume.ConfigMap.Name, volume.ConfigMap.Optional)
		}

		if volume.Projected == nil {
			continue
		}

		for _, source := range volume.Projected.Sources {
			if source.Secret != nil {
				add("secret", source.Secret.Name, source.Secret.Optional)
			}

			if source.ConfigMap != nil {
				add("configmap", source.ConfigMap.Name, source.ConfigMap.Optional)
			}
		}
	}

	for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		for _, from := range container.EnvFrom {
			if from.SecretRef != nil {
				add("secret", from.SecretRef.Name, from.SecretRef.Optional)
			}

			if from.ConfigMapRef != nil {
				add("configmap", from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
			}
		}

		for _, variable := range container.Env {
			if variable.ValueFrom == nil {
				continue
			}

			if ref := variable.ValueFrom.SecretKeyRef; ref != nil {
				add("secret", ref.Name, ref.Optional)
			}

			if ref := variable.ValueFrom.ConfigMapKeyRef; ref != nil {
				add("configmap", ref.Name, ref.Optional)
			}
		}
	}

	return slices.SortedFunc(maps.Keys(all), func(a, b need) int { return slices.Compare([]string{a.kind, a.name}, []string{b.kind, b.name}) })
}

// missing names what a pod needs and the API server does not have.
func (p *pods) missing(ctx context.Context, pod *corev1.Pod) (string, error) {
	for _, need := range needs(pod) {
		var err error
		if need.kind == "secret" {
			_, err = p.client.CoreV1().Secrets(pod.Namespace).Get(ctx, need.name, metav1.GetOptions{})
		} else {
			_, err = p.client.CoreV1().ConfigMaps(pod.Namespace).Get(ctx, need.name, metav1.GetOptions{})
		}

		if apierrors.IsNotFound(err) {
			return fmt.Sprintf("%s %q not found", need.kind, need.name), nil
		}

		if err != nil {
			return "", err
		}
	}

	return "", nil
}

// warn tells once, by an Event, why a pod does not start.
func (p *pods) warn(ctx context.Context, pod *corev1.Pod, message string) error {
	if message == "" {
		return nil
	}

	p.mutex.Lock()
	known := p.warned[pod.UID] == message
	p.warned[pod.UID] = message
	p.mutex.Unlock()

	if known {
		return nil
	}

	at := now()
	_, err := p.client.CoreV1().Events(pod.Namespace).Create(ctx, &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{GenerateName: pod.Name + "."},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", APIVersion: "v1", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Reason:         "FailedMount", Message: message, Type: corev1.EventTypeWarning, Count: 1, FirstTimestamp: at, LastTimestamp: at,
		Source: corev1.EventSource{Component: "kubelet", Host: p.Hostname},
	}, metav1.CreateOptions{})

	return err
}
