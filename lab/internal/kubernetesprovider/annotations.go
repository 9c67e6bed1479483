package kubernetesprovider

import (
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The annotations by which a program steers single objects.
const (
	autonamedAnnotation    = "pulumi.com/autonamed"
	skipAwaitAnnotation    = "pulumi.com/skipAwait"
	timeoutAnnotation      = "pulumi.com/timeoutSeconds"
	patchForceAnnotation   = "pulumi.com/patchForce"
	fieldManagerAnnotation = "pulumi.com/patchFieldManager"
	propagationAnnotation  = "pulumi.com/deletionPropagationPolicy"
)

// refusedAnnotations would change what is waited for or replaced, and are not honoured.
var refusedAnnotations = []string{"pulumi.com/waitFor", "pulumi.com/replaceUnready"}

const defaultTimeout = 10 * time.Minute

func annotated(object *unstructured.Unstructured, key string) bool {
	return object.GetAnnotations()[key] == "true"
}

// timeoutFor is the resource option's timeout, else the annotation's, else ten minutes.
func timeoutFor(seconds float64, object *unstructured.Unstructured) time.Duration {
	if seconds > 0 {
		return time.Duration(seconds * float64(time.Second))
	}

	if annotation, err := strconv.Atoi(object.GetAnnotations()[timeoutAnnotation]); err == nil && annotation > 0 {
		return time.Duration(annotation) * time.Second
	}

	return defaultTimeout
}

// propagation is how dependents are deleted: first, unless the annotation says otherwise.
func propagation(object *unstructured.Unstructured) *metav1.DeletionPropagation {
	policy := metav1.DeletePropagationForeground

	switch object.GetAnnotations()[propagationAnnotation] {
	case "orphan":
		policy = metav1.DeletePropagationOrphan
	case "background":
		policy = metav1.DeletePropagationBackground
	}

	return &policy
}
