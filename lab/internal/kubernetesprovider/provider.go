// Package kubernetesprovider is the lab's own Pulumi resource plugin for Kubernetes. It takes what the npm package
// @pulumi/kubernetes sends and answers as the official plugin does where the stack leans on it: ordinary resources
// through the API server's own server-side apply, helm.sh/v3 Releases through Helm's library. What it does not know
// it refuses by name.
package kubernetesprovider

import (
	"context"
	"fmt"

	host "github.com/pulumi/pulumi/pkg/v3/resource/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"k8s.io/apimachinery/pkg/util/wait"

	"phoebe.dev/lab/internal/kubernetesprovider/release"
)

// Version is that of the official plugin whose SDK this one serves.
const Version = "4.34.2"

// Provider is the plugin's server. One process serves one configured provider.
type Provider struct {
	pulumirpc.UnimplementedResourceProviderServer

	host     *host.HostClient // nil in tests
	ctx      context.Context  // ends with Cancel
	cancel   context.CancelFunc
	retry    wait.Backoff // for a kind or a namespace that is not there yet
	settings settings
	cluster  *cluster
	scopes   scopes
	releases *release.Releases
}

// New makes a provider that still has to be configured.
func New(client *host.HostClient) *Provider {
	ctx, cancel := context.WithCancel(context.Background())

	return &Provider{
		host: client, ctx: ctx, cancel: cancel, retry: patience, scopes: newScopes(),
		cluster: &cluster{reason: "the provider is not configured"},
	}
}

// GetPluginInfo names the version.
func (provider *Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema is as small as it may be: the SDK is the official one.
func (provider *Provider) GetSchema(_ context.Context, request *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	if version := request.GetVersion(); version != 0 {
		return nil, fmt.Errorf("schema version %d is not known, only 0", version)
	}

	return &pulumirpc.GetSchemaResponse{
		Schema: fmt.Sprintf(`{"name":"kubernetes","version":%q,"resources":{}}`, Version),
	}, nil
}

// Attach connects to the engine of a plugin that was started before it.
func (provider *Provider) Attach(_ context.Context, request *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	client, err := host.NewHostClient(request.GetAddress())
	if err != nil {
		return nil, fmt.Errorf("connecting to the engine at %s: %w", request.GetAddress(), err)
	}

	provider.host = client

	return &emptypb.Empty{}, nil
}

// Cancel ends whatever runs: a wait reports what it has, Helm marks its release as failed.
func (provider *Provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	provider.cancel()

	return &emptypb.Empty{}, nil
}

func (provider *Provider) log(severity diag.Severity, urn resource.URN, format string, values ...any) {
	if provider.host != nil {
		// A line that the engine did not take is no reason to fail the operation it is about.
		_ = provider.host.Log(provider.ctx, severity, urn, fmt.Sprintf(format, values...))
	}
}
