package kubernetesprovider

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"phoebe.dev/lab/internal/kubernetesprovider/release"
)

// Configure takes the settings and decides, for the whole run, whether the cluster can be reached.
func (provider *Provider) Configure(_ context.Context, request *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	settings, err := parseSettings(request.GetVariables()) // nested settings come as text here
	if err != nil {
		return nil, err
	}

	provider.settings = settings
	provider.cluster = reach(settings)
	provider.releases = release.New(release.Options{
		Context:     provider.ctx,
		Settings:    settings.helm,
		Namespace:   provider.cluster.namespace,
		Config:      provider.cluster.config,
		Unreachable: provider.cluster.reason,
		Log:         provider.log,
		Definition:  provider.scopes.learn,
	})

	return &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, SupportsAutonamingConfiguration: true,
	}, nil
}
