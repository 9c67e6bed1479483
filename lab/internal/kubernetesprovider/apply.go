package kubernetesprovider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/util/csaupgrade"
)

// createManager owns the fields of an object that was created by POST; the first update hands them to the object's
// own manager.
const createManager = "pulumi-kubernetes"

// handedOver are the managers of client-side applies, whose fields an update takes over.
var handedOver = sets.New(createManager, "pulumi-resource-kubernetes", "kubectl", "kubectl-client-side-apply", "before-first-apply")

// managerFor is the field manager of an object: the annotation's, the one in the state, or a new one.
func managerFor(object *unstructured.Unstructured, known string) (string, error) {
	if annotation := object.GetAnnotations()[fieldManagerAnnotation]; annotation != "" {
		return annotation, nil
	}

	if known != "" {
		return known, nil
	}

	return resource.NewUniqueName(nil, createManager+"-", 0, 0, nil)
}

func dryRun(preview bool) []string {
	if preview {
		return []string{metav1.DryRunAll}
	}

	return nil
}

// apply is a server-side apply. A field that another manager owns with another value fails it, unless forced.
func apply(ctx context.Context, client dynamic.ResourceInterface, object *unstructured.Unstructured, manager string, force, preview bool) (*unstructured.Unstructured, error) {
	body, err := json.Marshal(object.Object)
	if err != nil {
		return nil, err
	}

	result, err := client.Patch(ctx, object.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{
		FieldManager: manager, Force: &force, DryRun: dryRun(preview), FieldValidation: metav1.FieldValidationWarn,
	})
	if apierrors.IsConflict(err) {
		return nil, fmt.Errorf("server-side apply field conflict detected: the resource managed by field manager %q had an apply conflict "+
			"(annotate it with %s: \"true\" to take the fields over): %w", manager, patchForceAnnotation, err)
	}

	return result, err
}

// relinquish gives back the fields that a manager owns: what nobody else owns is dropped, the object stays.
func relinquish(ctx context.Context, client dynamic.ResourceInterface, object *unstructured.Unstructured, manager string) error {
	if _, err := client.Get(ctx, object.GetName(), metav1.GetOptions{}); err != nil {
		return err
	}

	bare := &unstructured.Unstructured{}
	bare.SetGroupVersionKind(object.GroupVersionKind())
	bare.SetNamespace(object.GetNamespace())
	bare.SetName(object.GetName())
	_, err := apply(ctx, client, bare, manager, false, false)

	return err
}

// takeOver hands the fields of client-side managers to the object's own.
func takeOver(ctx context.Context, client dynamic.ResourceInterface, live *unstructured.Unstructured, manager string) (*unstructured.Unstructured, error) {
	patch, err := csaupgrade.UpgradeManagedFieldsPatch(live, handedOver, manager)
	if err != nil || patch == nil {
		return live, err
	}

	return client.Patch(ctx, live.GetName(), types.JSONPatchType, patch, metav1.PatchOptions{})
}
