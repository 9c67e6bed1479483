package talosprovider

import (
	"context"
	"fmt"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// resource is a type of resource. Its state holds its inputs with their defaults, what was computed, and its ID as "id".
type resource interface {
	// check finds what the schema cannot say about inputs. Those that are not known yet pass.
	check(inputs property.Map) []provider.CheckFailure

	// plan tells the state that inputs lead to, from the one before if there was one. What only doing it will tell is unknown.
	plan(ctx context.Context, inputs property.Map, prior *property.Map) (plan, error)

	// create and update do what was planned and give the state with nothing unknown in it.
	create(ctx context.Context, planned property.Map) (property.Map, error)
	update(ctx context.Context, prior, planned property.Map) (property.Map, error)
	delete(ctx context.Context, state property.Map) error
}

// importer is a resource that exists already somewhere.
type importer interface {
	// read gives inputs and state.
	read(id string) (inputs, state property.Map, err error)
}

// plan is a planned state, and the properties whose change needs a new resource.
type plan struct {
	state   property.Map
	replace map[string]bool
}

func (p *plugin) resource(name urn.URN) (resource, specs, error) {
	token := string(name.Type())

	found, ok := p.resources[token]
	if !ok {
		return nil, nil, unimplemented(token, p.resources)
	}

	return found, packageSchema.Resources[token].Properties, nil
}

func (p *plugin) check(_ context.Context, request provider.CheckRequest) (provider.CheckResponse, error) {
	kind, _, err := p.resource(request.Urn)
	if err != nil {
		return provider.CheckResponse{}, err
	}

	spec := packageSchema.Resources[string(request.Urn.Type())]
	failures := validate(request.Inputs, spec.InputProperties, spec.RequiredInputs, "")

	if len(failures) == 0 {
		failures = kind.check(request.Inputs)
	}

	return provider.CheckResponse{Inputs: markSecrets(request.Inputs, spec.InputProperties), Failures: failures}, nil
}

// diff compares the planned state with the one before, as the official plugin does: a certificate that comes near its end
// is a change too.
func (p *plugin) diff(ctx context.Context, request provider.DiffRequest) (provider.DiffResponse, error) {
	kind, properties, err := p.resource(request.Urn)
	if err != nil {
		return provider.DiffResponse{}, err
	}

	planned, err := kind.plan(ctx, request.Inputs, &request.State)
	if err != nil {
		return provider.DiffResponse{}, err
	}

	changes := map[string]provider.PropertyDiff{}

	for name := range properties {
		before, had := request.State.GetOk(name)
		after, has := planned.state.GetOk(name)

		switch {
		case same(before, after):
			continue
		case !had:
			changes[name] = provider.PropertyDiff{Kind: provider.Add}
		case !has:
			changes[name] = provider.PropertyDiff{Kind: provider.Delete}
		case planned.replace[name]:
			changes[name] = provider.PropertyDiff{Kind: provider.UpdateReplace}
		default:
			changes[name] = provider.PropertyDiff{Kind: provider.Update}
		}
	}

	return provider.DiffResponse{HasChanges: len(changes) > 0, DetailedDiff: changes}, nil
}

func (p *plugin) create(ctx context.Context, request provider.CreateRequest) (provider.CreateResponse, error) {
	kind, properties, err := p.resource(request.Urn)
	if err != nil {
		return provider.CreateResponse{}, err
	}

	planned, err := kind.plan(ctx, request.Properties, nil)
	if err != nil {
		return provider.CreateResponse{}, err
	}

	state := planned.state
	if !request.DryRun {
		if state, err = kind.create(ctx, state); err != nil {
			return provider.CreateResponse{}, err
		}
	}

	response := provider.CreateResponse{Properties: secretAsIn(request.Properties, markSecrets(state, properties))}
	if id := state.Get("id"); id.IsString() {
		response.ID = id.AsString()
	}

	return response, nil
}

func (p *plugin) update(ctx context.Context, request provider.UpdateRequest) (provider.UpdateResponse, error) {
	kind, properties, err := p.resource(request.Urn)
	if err != nil {
		return provider.UpdateResponse{}, err
	}

	planned, err := kind.plan(ctx, request.Inputs, &request.State)
	if err != nil {
		return provider.UpdateResponse{}, err
	}

	state := planned.state
	if !request.DryRun {
		if state, err = kind.update(ctx, request.State, state); err != nil {
			return provider.UpdateResponse{}, err
		}
	}

	return provider.UpdateResponse{Properties: secretAsIn(request.Inputs, markSecrets(state, properties))}, nil
}

// read looks nothing up: none of these resources does. It imports, where that is possible.
func (p *plugin) read(_ context.Context, request provider.ReadRequest) (provider.ReadResponse, error) {
	kind, properties, err := p.resource(request.Urn)
	if err != nil {
		return provider.ReadResponse{}, err
	}

	if request.Properties.Len() > 0 {
		return provider.ReadResponse{ID: request.ID, Properties: request.Properties, Inputs: request.Inputs}, nil
	}

	from, ok := kind.(importer)
	if !ok {
		return provider.ReadResponse{}, fmt.Errorf("%s cannot be imported", request.Urn.Type())
	}

	inputs, state, err := from.read(request.ID)
	if err != nil {
		return provider.ReadResponse{}, fmt.Errorf("importing %s: %w", request.ID, err)
	}

	return provider.ReadResponse{ID: request.ID, Properties: markSecrets(state, properties), Inputs: inputs}, nil
}

func (p *plugin) delete(ctx context.Context, request provider.DeleteRequest) error {
	kind, _, err := p.resource(request.Urn)
	if err != nil {
		return err
	}

	return kind.delete(ctx, request.Properties)
}

// secretAsIn keeps the outputs of secret inputs secret.
func secretAsIn(inputs, outputs property.Map) property.Map {
	for name, input := range inputs.All {
		if output, ok := outputs.GetOk(name); ok && input.Secret() {
			outputs = outputs.Set(name, output.WithSecret(true))
		}
	}

	return outputs
}
