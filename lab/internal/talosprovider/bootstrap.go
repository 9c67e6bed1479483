package talosprovider

import (
	"context"
	"fmt"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// bootstrap is talos:machine/bootstrap:Bootstrap. It starts etcd when it is created and does nothing else ever: where etcd
// runs already it tries until its time is over.
type bootstrap struct{}

// bootstrapState is its state.
type bootstrapState struct {
	target

	ID string `json:"id"`
}

func (bootstrap) check(inputs property.Map) []provider.CheckFailure {
	if inputs.Get("clientConfiguration").IsNull() {
		return []provider.CheckFailure{{Property: "clientConfiguration", Reason: "is required and not set"}}
	}

	return nil
}

func (bootstrap) plan(_ context.Context, inputs property.Map, prior *property.Map) (plan, error) {
	planned := withEndpoint(inputs).Set("id", unknown)
	if prior != nil {
		planned = planned.Set("id", prior.Get("id"))
	}

	return plan{state: planned}, nil
}

func (bootstrap) create(ctx context.Context, planned property.Map) (property.Map, error) {
	planned = planned.Set("id", property.New("machine_bootstrap"))

	state, err := decode[bootstrapState](planned)
	if err != nil {
		return property.Map{}, err
	}

	err = state.retry(ctx, state.Timeouts.Create, func(ctx context.Context, c *client.Client) error {
		return c.Bootstrap(ctx, &machine.BootstrapRequest{})
	})
	if err != nil {
		return property.Map{}, fmt.Errorf("bootstrapping: %w", err)
	}

	return planned, nil
}

func (bootstrap) update(_ context.Context, _, planned property.Map) (property.Map, error) {
	return planned, nil
}

func (bootstrap) delete(context.Context, property.Map) error { return nil }
