package release

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"phoebe.dev/lab/internal/kubernetesprovider/difference"
	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Diff compares the new inputs with the state, field by field as far as the program declares or declared them. What
// became of the release's objects is Helm's business: it shows no difference.
func (releases *Releases) Diff(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	state, inputs, err := properties.Both("old state", request.GetOlds(), "inputs", request.GetNews())
	if err != nil {
		return nil, err
	}

	wanted := properties.Revealed(inputs)
	declared := merge(properties.Revealed(inputsOf(state)), wanted)
	had := properties.Prune(properties.Revealed(state), declared)

	changes, err := difference.Without(difference.Compare(had, wanted), request.GetIgnoreChanges())
	if err != nil {
		return nil, err
	}

	return difference.Response(changes, []string{".name", ".namespace"}), nil
}

// inputsOf are the inputs that a state was made from; nil of an import, which has none.
func inputsOf(state resource.PropertyMap) resource.PropertyMap {
	value := state[inputsKey]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}

	if !value.IsObject() {
		return nil
	}

	return value.ObjectValue()
}
