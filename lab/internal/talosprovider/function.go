package talosprovider

import (
	"context"
	"fmt"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// function answers a call by its arguments. As in the official plugin, nothing of its result is marked secret: the SDK does
// that, and only where an argument was a secret.
type function func(ctx context.Context, arguments property.Map) (property.Map, error)

// functionOf makes a function of one with typed arguments and results.
func functionOf[A, R any](answer func(context.Context, A) (R, error)) function {
	return func(ctx context.Context, arguments property.Map) (property.Map, error) {
		typed, err := decode[A](arguments)
		if err != nil {
			return property.Map{}, err
		}

		result, err := answer(ctx, typed)
		if err != nil {
			return property.Map{}, err
		}

		return encode(result)
	}
}

func (p *plugin) invoke(ctx context.Context, request provider.InvokeRequest) (provider.InvokeResponse, error) {
	token := string(request.Token)

	answer, ok := p.functions[token]
	if !ok {
		return provider.InvokeResponse{}, unimplemented(token, p.functions)
	}

	spec := packageSchema.Functions[token].Inputs
	if failures := validate(request.Args, spec.Properties, spec.Required, ""); len(failures) > 0 {
		return provider.InvokeResponse{Failures: failures}, nil
	}

	result, err := answer(ctx, request.Args)
	if err != nil {
		return provider.InvokeResponse{}, fmt.Errorf("%s: %w", token, err)
	}

	return provider.InvokeResponse{Return: result}, nil
}
