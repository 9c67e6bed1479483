// Package commandprovider is the lab's Pulumi provider for the package "command". It behaves as the official plugin does
// for what the stack uses of it: command:local:Command.
package commandprovider

import (
	"context"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Name is the package's name, Version that of the official package whose schema this one speaks.
const (
	Name    = "command"
	Version = "1.2.1"
)

// New makes the provider.
func New() provider.Provider {
	made := infer.Provider(infer.Options{
		Metadata:  schema.Metadata{Description: "Runs local commands, in phoebe's lab."},
		Resources: []infer.InferredResource{infer.Resource(&Command{})},
	})

	made.Invoke = func(_ context.Context, request provider.InvokeRequest) (provider.InvokeResponse, error) {
		return provider.InvokeResponse{}, status.Errorf(codes.Unimplemented,
			"the function %s is not implemented by the lab's plugin", request.Token)
	}

	return made
}
