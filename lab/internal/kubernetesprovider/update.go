package kubernetesprovider

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Update applies the new inputs to the live object and waits until it is ready again.
func (provider ordinary) Update(_ context.Context, request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	urn := resource.URN(request.GetUrn())
	if !request.GetPreview() && !provider.cluster.reachable() {
		return nil, provider.cluster.unreachable()
	}

	state, inputs, err := properties.Both("old state", request.GetOlds(), "inputs", request.GetNews())
	if err != nil {
		return nil, err
	}

	old := properties.ParseCheckpoint(state)

	object := normalize(&unstructured.Unstructured{Object: properties.Object(inputs)})
	if request.GetPreview() && (properties.HasUnknown(object.Object) || !provider.cluster.serves(object.GroupVersionKind())) {
		return &pulumirpc.UpdateResponse{Properties: request.GetNews()}, nil
	}

	manager, err := managerFor(object, old.FieldManager)
	if err != nil {
		return nil, err
	}

	live, err := provider.change(urn, old, object.DeepCopy(), manager, request)
	if request.GetPreview() {
		if apierrors.IsForbidden(err) {
			return &pulumirpc.UpdateResponse{Properties: request.GetNews()}, nil
		}

		if err != nil {
			return nil, fmt.Errorf("update of resource %q: %w", urn, err)
		}
	}

	if meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("update of resource %q failed because the Kubernetes API server reported that the apiVersion for this "+
			"resource does not exist. Verify that any required CRDs have been created: %w", urn, err)
	}

	if live == nil {
		return nil, fmt.Errorf("update of resource %q failed: %w", urn, err)
	}

	checkpoint := properties.Checkpoint{Inputs: object, Live: live, InitialAPIVersion: old.InitialAPIVersion, FieldManager: manager}
	if err != nil {
		return nil, partialFailure(idOf(live), fmt.Errorf("the Kubernetes API server reported that %q failed to fully initialize or become live: %w",
			idOf(live), err), checkpoint.Properties(inputs), nil)
	}

	result, err := properties.Marshal("state", checkpoint.Properties(inputs))

	return &pulumirpc.UpdateResponse{Properties: result}, err
}

// change submits the object and waits. With an error it returns the live object where there is one: what of a failed
// update reached the cluster belongs into the state.
func (provider *Provider) change(urn resource.URN, old properties.Checkpoint, object *unstructured.Unstructured, manager string, request *pulumirpc.UpdateRequest) (*unstructured.Unstructured, error) {
	client, err := provider.cluster.client(object)
	if err != nil {
		return nil, err
	}

	live, err := client.Get(provider.ctx, old.Live.GetName(), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}

	changed, err := provider.resubmit(client, urn, live, object, manager, request)
	if err != nil {
		current, readErr := client.Get(provider.ctx, live.GetName(), metav1.GetOptions{})
		if readErr != nil {
			return nil, errors.Join(err, fmt.Errorf("unable to get cluster state: %w", readErr))
		}

		return current, err
	}

	if request.GetPreview() {
		return changed, nil
	}

	if former := old.FieldManager; former != "" && former != manager {
		if err := relinquish(provider.ctx, client, changed, former); err != nil {
			return changed, err
		}
	}

	return provider.await(changed, object, request.GetTimeout())
}

func (provider *Provider) resubmit(client dynamic.ResourceInterface, urn resource.URN, live, object *unstructured.Unstructured, manager string, request *pulumirpc.UpdateRequest) (*unstructured.Unstructured, error) {
	preview := request.GetPreview()

	if isDefinition(object) {
		// A definition is replaced as a whole, in place: its custom resources stay.
		object.SetResourceVersion(live.GetResourceVersion())

		return client.Update(provider.ctx, object, metav1.UpdateOptions{FieldManager: manager, DryRun: dryRun(preview)})
	}

	object.SetName(live.GetName())

	if !isPatch(urn, object.GetKind()) && !preview {
		handed, err := takeOver(provider.ctx, client, live, manager)
		if err != nil {
			return nil, fmt.Errorf("taking over the fields of client-side managers: %w", err)
		}

		live = handed
	}

	if err := keepIgnored(object, live, manager, request.GetIgnoreChanges()); err != nil {
		return nil, err
	}

	force := provider.settings.patchForce || annotated(object, patchForceAnnotation) || len(live.GetManagedFields()) == 0 ||
		preview && heldByClient(live)

	return apply(provider.ctx, client, object, manager, force, preview)
}

// heldByClient says that a real update would first take fields over; a dry run cannot, and would call that a conflict.
func heldByClient(live *unstructured.Unstructured) bool {
	for _, entry := range live.GetManagedFields() {
		if entry.Operation == metav1.ManagedFieldsOperationUpdate && handedOver.Has(entry.Manager) {
			return true
		}
	}

	return false
}
