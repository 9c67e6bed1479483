package kubernetesprovider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// server serves resources of one sort: ordinary ones, or Helm releases.
type server interface {
	Check(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error)
	Diff(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error)
	Create(context.Context, *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error)
	Read(context.Context, *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error)
	Update(context.Context, *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error)
	Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error)
}

// ordinary serves all that is no Helm release: each such resource is an object of the API server.
type ordinary struct{ *Provider }

// serving is who serves the resource that a request is about.
func (provider *Provider) serving(request interface{ GetUrn() string }) server {
	if isRelease(resource.URN(request.GetUrn())) {
		return provider.releases
	}

	return ordinary{provider}
}

// Check completes the inputs and refuses what this plugin cannot do. Where the cluster is unreachable and that is said
// to be well, the old inputs stay.
func (provider *Provider) Check(ctx context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if !provider.cluster.reachable() && provider.settings.skipUpdateUnreachable {
		provider.log(diag.Warning, resource.URN(request.GetUrn()), "the cluster is unreachable and skipUpdateUnreachable is set: left as it is")

		return &pulumirpc.CheckResponse{Inputs: request.GetOlds()}, nil
	}

	return provider.serving(request).Check(ctx, request)
}

// Diff compares the new inputs with the state. It never asks the cluster.
func (provider *Provider) Diff(ctx context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return provider.serving(request).Diff(ctx, request)
}

// Create makes a resource and waits until it is ready.
func (provider *Provider) Create(ctx context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return provider.serving(request).Create(ctx, request)
}

// Read looks at what there is, for a refresh or an import. What is gone answers empty.
func (provider *Provider) Read(ctx context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	if !provider.cluster.reachable() {
		return provider.readUnreachable(resource.URN(request.GetUrn()), request)
	}

	return provider.serving(request).Read(ctx, request)
}

// Update brings a resource to its new inputs and waits until it is ready again.
func (provider *Provider) Update(ctx context.Context, request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	return provider.serving(request).Update(ctx, request)
}

// Delete removes a resource and waits until it is gone.
func (provider *Provider) Delete(ctx context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	if !provider.cluster.reachable() {
		return provider.deleteUnreachable(resource.URN(request.GetUrn()))
	}

	return provider.serving(request).Delete(ctx, request)
}
