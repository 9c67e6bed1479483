package readiness

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
)

// judge makes a rule of a judgement on the typed object.
func judge[T any](look func(*T) Verdict) rule {
	return func(_ context.Context, _ dynamic.Interface, object *unstructured.Unstructured) (Verdict, error) {
		typed := new(T)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
			return Verdict{}, fmt.Errorf("reading %s %q: %w", object.GetKind(), object.GetName(), err)
		}

		return look(typed), nil
	}
}

func waiting(format string, values ...any) Verdict {
	return Verdict{Message: fmt.Sprintf(format, values...)}
}

func failed(format string, values ...any) Verdict {
	return Verdict{Failed: true, Message: fmt.Sprintf(format, values...)}
}

var ready = Verdict{Ready: true}

func count(replicas *int32) int32 {
	if replicas == nil {
		return 1
	}

	return *replicas
}

func deployment(object *appsv1.Deployment) Verdict {
	status, want := object.Status, count(object.Spec.Replicas)
	if status.ObservedGeneration < object.Generation {
		return waiting("its spec has not been observed yet")
	}

	for _, condition := range status.Conditions {
		if condition.Type == appsv1.DeploymentProgressing && condition.Reason == "ProgressDeadlineExceeded" {
			return failed("[%s] %s", condition.Reason, condition.Message)
		}
	}

	switch {
	case status.UpdatedReplicas < want:
		return waiting("%d of %d replicas are updated", status.UpdatedReplicas, want)
	case status.Replicas > status.UpdatedReplicas:
		return waiting("%d old replicas are still there", status.Replicas-status.UpdatedReplicas)
	case status.AvailableReplicas < want:
		return waiting("%d of %d replicas are available", status.AvailableReplicas, want)
	}

	return ready
}

// daemonSet wants every pod, unlike Helm's rule, which lets maxUnavailable of them be missing.
func daemonSet(object *appsv1.DaemonSet) Verdict {
	status, want := object.Status, object.Status.DesiredNumberScheduled
	switch {
	case status.ObservedGeneration < object.Generation || status.ObservedGeneration == 0:
		return waiting("its spec has not been observed yet")
	case status.CurrentNumberScheduled < want:
		return waiting("%d of %d pods are scheduled", status.CurrentNumberScheduled, want)
	case status.UpdatedNumberScheduled < want:
		return waiting("%d of %d pods are updated", status.UpdatedNumberScheduled, want)
	case status.NumberAvailable < want:
		return waiting("%d of %d pods are available", status.NumberAvailable, want)
	case status.NumberReady < want:
		return waiting("%d of %d pods are ready", status.NumberReady, want)
	}

	return ready
}

func statefulSet(object *appsv1.StatefulSet) Verdict {
	status, want := object.Status, count(object.Spec.Replicas)
	switch {
	case status.ObservedGeneration < object.Generation:
		return waiting("its spec has not been observed yet")
	case status.Replicas < want || status.ReadyReplicas < want:
		return waiting("%d of %d replicas are ready", status.ReadyReplicas, want)
	case object.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType:
		return ready
	case status.UpdateRevision != status.CurrentRevision:
		return waiting("%d of %d replicas are updated", status.UpdatedReplicas, want)
	}

	return ready
}

func job(object *batchv1.Job) Verdict {
	for _, condition := range object.Status.Conditions {
		if condition.Status != corev1.ConditionTrue {
			continue
		}

		switch condition.Type {
		case batchv1.JobComplete, batchv1.JobSuspended:
			return ready
		case batchv1.JobFailed:
			return failed("[%s] %s", condition.Reason, condition.Message)
		}
	}

	return waiting("%d pods active, %d succeeded, %d failed", object.Status.Active, object.Status.Succeeded, object.Status.Failed)
}

func pod(object *corev1.Pod) Verdict {
	if object.Status.Phase == corev1.PodSucceeded {
		return ready
	}

	for _, condition := range object.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
			return ready
		}
	}

	return waiting("its phase is %q", object.Status.Phase)
}

func replicationController(object *corev1.ReplicationController) Verdict {
	if want := count(object.Spec.Replicas); object.Status.AvailableReplicas < want {
		return waiting("%d of %d replicas are available", object.Status.AvailableReplicas, want)
	}

	return ready
}
