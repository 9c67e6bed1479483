package release

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"helm.sh/helm/v3/pkg/action"
)

// Delete uninstalls. What a chart's crds folder brought stays, and so does a namespace that the release created.
func (releases *Releases) Delete(_ context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	_, release, err := received("old state", request.GetProperties())
	if err != nil {
		return nil, err
	}

	configuration, err := releases.action(release.Namespace)
	if err != nil {
		return nil, err
	}

	client := action.NewUninstall(configuration)
	client.Wait = release.Atomic || !release.SkipAwait
	client.Timeout = release.timeout()

	result, err := client.Run(release.Name)
	if err != nil {
		return nil, err
	}

	if result.Info != "" {
		releases.Log(diag.Warning, resource.URN(request.GetUrn()), "Helm uninstall returned information: %q", result.Info)
	}

	return &emptypb.Empty{}, nil
}
