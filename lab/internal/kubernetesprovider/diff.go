package kubernetesprovider

import (
	"context"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"phoebe.dev/lab/internal/kubernetesprovider/difference"
	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Diff compares the new inputs with the live object as the state knows it, pruned to what the old inputs declared. It
// never asks the cluster.
func (provider ordinary) Diff(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	urn := resource.URN(request.GetUrn())

	state, inputs, err := properties.Both("old state", request.GetOlds(), "inputs", request.GetNews())
	if err != nil {
		return nil, err
	}

	checkpoint := properties.ParseCheckpoint(state)
	wanted := normalize(&unstructured.Unstructured{Object: properties.Object(inputs)})
	live := checkpoint.Live
	had := &unstructured.Unstructured{Object: properties.Prune(live.Object, normalize(checkpoint.Inputs).Object)}
	dropReadOnly(had)
	align(had, wanted, live)

	changes, err := difference.Without(difference.Compare(had.Object, wanted.Object), request.GetIgnoreChanges())
	if err != nil {
		return nil, err
	}

	response := difference.Response(changes, provider.replacedBy(urn, wanted))
	// An object of the same name cannot be made beside the old one.
	response.DeleteBeforeReplace = len(response.Replaces) > 0 && !annotated(wanted, autonamedAnnotation) &&
		wanted.GetName() == live.GetName() && wanted.GetNamespace() == live.GetNamespace()

	return response, nil
}

// align takes out of the comparison what an input may leave open: the namespace where it is the default one or where
// the kind has none, a name that the cluster chose, and the kind where only the type token said it.
func align(had, wanted, live *unstructured.Unstructured) {
	if live.GetNamespace() == "" {
		unstructured.RemoveNestedField(wanted.Object, "metadata", "namespace")
		unstructured.RemoveNestedField(had.Object, "metadata", "namespace")
	} else {
		setNamespace(wanted, namespaceOrDefault(wanted.GetNamespace()))
		had.SetNamespace(live.GetNamespace())
	}

	if wanted.GetName() != "" {
		had.SetName(live.GetName())
	}

	for _, key := range []string{"apiVersion", "kind"} {
		if !slices.Contains([]any{nil, ""}, wanted.Object[key]) {
			had.Object[key] = live.Object[key]
		}
	}
}
