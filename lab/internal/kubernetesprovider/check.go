package kubernetesprovider

import (
	"context"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Check completes the inputs: a name and a namespace where there are none.
func (provider ordinary) Check(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	urn := resource.URN(request.GetUrn())

	olds, news, err := properties.Both("old inputs", request.GetOlds(), "inputs", request.GetNews())
	if err != nil {
		return nil, err
	}

	object := &unstructured.Unstructured{Object: properties.Object(news)}
	old := &unstructured.Unstructured{Object: properties.Object(olds)}

	if err := identify(object, urn); err != nil {
		return nil, err
	}

	if failures := reject(urn, object); len(failures) > 0 {
		return &pulumirpc.CheckResponse{Inputs: request.GetNews(), Failures: failures}, nil
	}

	object = normalize(object)
	if err := nameIt(request, object, old); err != nil {
		return nil, err
	}

	if object.GetNamespace() == "" && provider.cluster.namespace != "" && provider.isNamespaced(object.GroupVersionKind()) {
		setNamespace(object, provider.cluster.namespace)
	}

	provider.scopes.learn(object)

	checked := resource.NewPropertyMapFromMap(object.Object)
	properties.KeepSecret(checked, news)
	keepMovedSecret(checked, news)
	inputs, err := properties.Marshal("inputs", checked)

	return &pulumirpc.CheckResponse{Inputs: inputs}, err
}

// reject names what this plugin cannot do, before anything is planned with it.
func reject(urn resource.URN, object *unstructured.Unstructured) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure

	fail := func(property, reason string) {
		failures = append(failures, &pulumirpc.CheckFailure{Property: property, Reason: reason})
	}
	if _, list := object.Object["items"].([]any); list && strings.HasSuffix(object.GetKind(), "List") {
		fail("items", "a list cannot be created: declare its items as resources of their own")
	}

	if isPatch(urn, object.GetKind()) && !isNamed(object) {
		fail("metadata.name", "patch resources require the `.metadata.name` field to be set")
	}

	for _, annotation := range refusedAnnotations {
		if object.GetAnnotations()[annotation] != "" {
			fail("metadata.annotations", "Unimplemented: "+annotation)
		}
	}

	return failures
}

// setNamespace leaves a namespace alone that is not yet known.
func setNamespace(object *unstructured.Unstructured, namespace string) {
	metadata, _ := object.Object["metadata"].(map[string]any)
	if _, unknown := metadata["namespace"].(resource.Computed); !unknown {
		object.SetNamespace(namespace)
	}
}

// keepMovedSecret covers what normalization moved from one field into another.
func keepMovedSecret(checked, news resource.PropertyMap) {
	if data, ok := checked["data"]; ok && !data.IsSecret() && news["stringData"].ContainsSecrets() {
		checked["data"] = resource.MakeSecret(data)
	}
}
