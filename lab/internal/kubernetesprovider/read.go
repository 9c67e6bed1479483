package kubernetesprovider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
	"phoebe.dev/lab/internal/kubernetesprovider/readiness"
)

// Read looks at the live object, for a refresh or an import. What is gone answers empty.
func (provider ordinary) Read(_ context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	urn := resource.URN(request.GetUrn())

	state, inputs, err := properties.Both("old state", request.GetProperties(), "old inputs", request.GetInputs())
	if err != nil {
		return nil, err
	}

	checkpoint := properties.ParseCheckpoint(state)
	declared := normalize(&unstructured.Unstructured{Object: properties.Object(inputs)})
	imported := declared.GetKind() == "" && checkpoint.Live.GetKind() == ""

	object, err := sought(request.GetId(), urn, declared, checkpoint.Live)
	if err != nil {
		return nil, err
	}

	live, waitErr, err := provider.look(object, declared, imported)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return &pulumirpc.ReadResponse{}, nil
	}

	if err != nil {
		return nil, err
	}

	if checkpoint.FieldManager, err = managerFor(declared, checkpoint.FieldManager); err != nil {
		return nil, err
	}

	if checkpoint.InitialAPIVersion == "" {
		checkpoint.InitialAPIVersion = live.GetAPIVersion()
	}

	checkpoint.Live = live
	checkpoint.Inputs = &unstructured.Unstructured{Object: properties.Prune(live.Object, declared.Object)}

	if imported {
		checkpoint.Inputs = importable(live)
	}

	seen := resource.NewPropertyMapFromMap(checkpoint.Inputs.Object)
	properties.KeepSecret(seen, inputs)
	keepMovedSecret(seen, inputs)

	id := request.GetId()
	if id == "" {
		id = idOf(live)
	}

	if waitErr != nil {
		return nil, partialFailure(id, waitErr, checkpoint.Properties(inputs), seen)
	}

	response := &pulumirpc.ReadResponse{Id: id}
	if response.Properties, err = properties.Marshal("state", checkpoint.Properties(inputs)); err != nil {
		return nil, err
	}

	response.Inputs, err = properties.Marshal("inputs", seen)

	return response, err
}

// sought is the object that an ID, the inputs and the state together name.
func sought(id string, urn resource.URN, declared, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	namespace, name := parseID(id)
	if name == "" {
		return nil, fmt.Errorf("ID %q of %s is neither \"name\" nor \"namespace/name\"", id, urn)
	}

	object := &unstructured.Unstructured{Object: map[string]any{}}

	switch {
	case declared.GetKind() != "":
		object.SetGroupVersionKind(declared.GroupVersionKind())
	case live.GetKind() != "":
		object.SetGroupVersionKind(live.GroupVersionKind())
	}

	object.SetName(name)

	if namespace != "" {
		object.SetNamespace(namespace)
	}

	return object, identify(object, urn)
}

// look gets the object, and says apart from that whether it is ready. What is imported is taken as it is.
func (provider *Provider) look(object, declared *unstructured.Unstructured, imported bool) (live *unstructured.Unstructured, notReady, err error) {
	client, err := provider.cluster.client(object)
	if err != nil {
		return nil, nil, err
	}

	live, err = client.Get(provider.ctx, object.GetName(), metav1.GetOptions{})
	if err != nil || imported || annotated(declared, skipAwaitAnnotation) {
		return live, nil, err
	}

	verdict, err := readiness.Check(provider.ctx, provider.cluster.objects, live)
	if err == nil && !verdict.Ready {
		notReady = fmt.Errorf("%s %q is not ready: %s", live.GetKind(), idOf(live), verdict.Message)
	}

	return live, notReady, err
}

// importable is what a program would have to write to get this object.
func importable(live *unstructured.Unstructured) *unstructured.Unstructured {
	inputs := live.DeepCopy()
	delete(inputs.Object, "status")
	dropReadOnly(inputs)

	for _, annotation := range []string{"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"} {
		unstructured.RemoveNestedField(inputs.Object, "metadata", "annotations", annotation)
	}

	return inputs
}
