package kubernetesprovider

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func unimplemented(what string) error {
	return status.Errorf(codes.Unimplemented, "Unimplemented: %s", what)
}

// Construct refuses remote components: helm.sh/v4:Chart, yaml/v2 and kustomize/v2.
func (provider *Provider) Construct(_ context.Context, request *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	return nil, unimplemented(request.GetType())
}

// Invoke refuses functions.
func (provider *Provider) Invoke(_ context.Context, request *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	return nil, unimplemented(request.GetTok())
}

// Call refuses methods.
func (provider *Provider) Call(_ context.Context, request *pulumirpc.CallRequest) (*pulumirpc.CallResponse, error) {
	return nil, unimplemented(request.GetTok())
}
