package talosprovider

import (
	"context"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// schematic is talos:imageFactory/schematic:Schematic. A changed schematic is submitted by an update, after which the engine
// still knows the resource by the ID of the first.
type schematic struct{ factory *factory }

// vanilla is the schematic of an image without customization.
const vanilla = "customization: {}\n"

func (schematic) check(property.Map) []provider.CheckFailure { return nil }

func (schematic) plan(_ context.Context, inputs property.Map, prior *property.Map) (plan, error) {
	planned := inputs.Set("id", unknown)
	if prior != nil && same(prior.Get("schematic"), inputs.Get("schematic")) {
		planned = planned.Set("id", prior.Get("id"))
	}

	return plan{state: planned}, nil
}

func (s schematic) create(ctx context.Context, planned property.Map) (property.Map, error) {
	text := vanilla
	if given := planned.Get("schematic"); given.IsString() && given.AsString() != "" {
		text = given.AsString()
	}

	id, err := s.factory.submit(ctx, text)

	return planned.Set("id", property.New(id)), err
}

func (s schematic) update(ctx context.Context, _, planned property.Map) (property.Map, error) {
	return s.create(ctx, planned)
}

func (schematic) delete(context.Context, property.Map) error { return nil }
