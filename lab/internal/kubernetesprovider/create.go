package kubernetesprovider

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
	"phoebe.dev/lab/internal/kubernetesprovider/readiness"
)

// Create posts an object (or applies it, for patches and where existing objects may be taken over) and waits until it
// is ready. A preview is a dry run on the server, where one can be had.
func (provider ordinary) Create(_ context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	urn := resource.URN(request.GetUrn())

	preview := request.GetPreview()
	if !preview && !provider.cluster.reachable() {
		return nil, provider.cluster.unreachable()
	}

	inputs, err := properties.Unmarshal("inputs", request.GetProperties())
	if err != nil {
		return nil, err
	}

	object := &unstructured.Unstructured{Object: properties.Object(inputs)}
	if preview && (properties.HasUnknown(object.Object) || isPatch(urn, object.GetKind()) || !provider.cluster.serves(object.GroupVersionKind())) {
		return &pulumirpc.CreateResponse{Properties: request.GetProperties()}, nil
	}

	manager, err := managerFor(object, "")
	if err != nil {
		return nil, err
	}

	live, err := provider.submit(urn, object, manager, preview)
	if preview && passesPreview(err) {
		return &pulumirpc.CreateResponse{Properties: request.GetProperties()}, nil
	}

	if err != nil {
		return nil, explainCreate(urn, object, err)
	}

	if preview {
		unstructured.RemoveNestedField(live.Object, "status")

		return provider.created("", object, live, inputs, manager)
	}

	ready, err := provider.await(live, object, request.GetTimeout())
	if err != nil {
		checkpoint := properties.Checkpoint{Inputs: object, Live: ready, InitialAPIVersion: object.GetAPIVersion(), FieldManager: manager}

		return nil, partialFailure(idOf(ready), fmt.Errorf("resource %q was successfully created, but the Kubernetes API server "+
			"reported that it failed to fully initialize or become live: %w", urn, err), checkpoint.Properties(inputs), nil)
	}

	if isDefinition(object) {
		provider.cluster.mapper.Reset()
	}

	return provider.created(idOf(ready), object, ready, inputs, manager)
}

func (provider *Provider) created(id string, object, live *unstructured.Unstructured, inputs resource.PropertyMap, manager string) (*pulumirpc.CreateResponse, error) {
	checkpoint := properties.Checkpoint{Inputs: object, Live: live, InitialAPIVersion: object.GetAPIVersion(), FieldManager: manager}
	state, err := properties.Marshal("state", checkpoint.Properties(inputs))

	return &pulumirpc.CreateResponse{Id: id, Properties: state}, err
}

// submit sends the object, and again while its kind or namespace is not there.
func (provider *Provider) submit(urn resource.URN, object *unstructured.Unstructured, manager string, preview bool) (*unstructured.Unstructured, error) {
	var live *unstructured.Unstructured

	err := retryMissing(provider.ctx, provider.retry, func() error {
		client, err := provider.cluster.client(object)
		if err != nil {
			return err
		}

		live, err = provider.send(client, urn, object, manager, preview)
		if preview && isNamespaceMissing(err) {
			return &namespaceMissing{err}
		}

		return err
	})

	return live, err
}

func (provider *Provider) send(client dynamic.ResourceInterface, urn resource.URN, object *unstructured.Unstructured, manager string, preview bool) (*unstructured.Unstructured, error) {
	if provider.settings.upsert || isPatch(urn, object.GetKind()) {
		// In a preview nothing is taken from anyone: what another manager owns may be about to be replaced.
		force := preview || provider.settings.patchForce || annotated(object, patchForceAnnotation)

		return apply(provider.ctx, client, object, manager, force, preview)
	}

	return client.Create(provider.ctx, object, metav1.CreateOptions{FieldManager: createManager, DryRun: dryRun(preview)})
}

// await returns the object as it was last seen, with an error where it did not become ready in time.
func (provider *Provider) await(live, inputs *unstructured.Unstructured, seconds float64) (*unstructured.Unstructured, error) {
	if annotated(inputs, skipAwaitAnnotation) {
		return live, nil
	}

	ctx, cancel := context.WithTimeout(provider.ctx, timeoutFor(seconds, inputs))
	defer cancel()

	client, err := provider.cluster.client(live)
	if err != nil {
		return live, err
	}

	return readiness.Await(ctx, provider.cluster.objects, client, live)
}

func explainCreate(urn resource.URN, object *unstructured.Unstructured, err error) error {
	kind := object.GroupVersionKind()

	switch {
	case meta.IsNoMatchError(err):
		return fmt.Errorf("creation of resource %q with kind %s/%s failed because the Kubernetes API server reported that the apiVersion for "+
			"this resource does not exist. Verify that any required CRDs have been created: %w", urn, kind.GroupVersion(), kind.Kind, err)
	case apierrors.IsAlreadyExists(err):
		return fmt.Errorf("resource %q was not successfully created by the Kubernetes API server: %w\n"+
			"Import it, patch it (%sPatch), or set upsertExistingObjects on the provider to take existing objects over", urn, err, kind.Kind)
	}

	return fmt.Errorf("resource %q was not successfully created by the Kubernetes API server: %w", urn, err)
}

// passesPreview are the refusals of a dry run that the real run may not meet: what is in the way or missing now can be
// gone or there by then, and an immutable field is changed by replacing the object.
func passesPreview(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsAlreadyExists(err) || isNamespaceMissing(err) ||
		apierrors.IsInvalid(err) && strings.Contains(err.Error(), "field is immutable")
}

// namespaceMissing is a missing namespace that is not worth waiting for.
type namespaceMissing struct{ cause error }

func (err *namespaceMissing) Error() string { return err.cause.Error() }

// isNamespaceMissing tells a missing namespace from a missing object.
func isNamespaceMissing(err error) bool {
	if _, ok := err.(*namespaceMissing); ok {
		return true
	}

	status, ok := err.(apierrors.APIStatus)

	return ok && apierrors.IsNotFound(err) && status.Status().Details != nil && status.Status().Details.Kind == "namespaces"
}
