package readiness

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

func persistentVolume(object *corev1.PersistentVolume) Verdict {
	switch object.Status.Phase {
	case corev1.VolumeAvailable, corev1.VolumeBound:
		return ready
	}

	return waiting("its phase is %q", object.Status.Phase)
}

// persistentVolumeClaim is ready when bound, and already when pending where its class waits for a first consumer.
func persistentVolumeClaim(ctx context.Context, objects dynamic.Interface, object *unstructured.Unstructured) (Verdict, error) {
	phase, _, _ := unstructured.NestedString(object.Object, "status", "phase")
	if phase == string(corev1.ClaimBound) {
		return ready, nil
	}

	name, _, _ := unstructured.NestedString(object.Object, "spec", "storageClassName")
	if name == "" || phase != string(corev1.ClaimPending) {
		return waiting("its phase is %q", phase), nil
	}

	class, err := objects.Resource(storagev1.SchemeGroupVersion.WithResource("storageclasses")).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return waiting("its storage class %q: %v", name, err), nil
	}

	if mode, _, _ := unstructured.NestedString(class.Object, "volumeBindingMode"); mode == string(storagev1.VolumeBindingWaitForFirstConsumer) {
		return ready, nil
	}

	return waiting("its phase is %q", phase), nil
}
