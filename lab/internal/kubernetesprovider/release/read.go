package release

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"helm.sh/helm/v3/pkg/action"
	helmrelease "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Read looks at Helm's record, for a refresh, or for an import by "namespace/name". No record answers empty.
func (releases *Releases) Read(_ context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	state, release, err := received("old state", request.GetProperties())
	if err != nil {
		return nil, err
	}

	imported := len(state) == 0
	if imported {
		release.Namespace, release.Name = releases.parseID(request.GetId())
	}

	configuration, err := releases.action(release.Namespace)
	if err != nil {
		return nil, err
	}

	live, err := action.NewGet(configuration).Run(release.Name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return &pulumirpc.ReadResponse{}, nil
	}

	if err != nil {
		return nil, fmt.Errorf("reading release %s: %w", release.id(), err)
	}

	if err := release.record(live); err != nil {
		return nil, err
	}

	inputs := inputsOf(state)
	if inputs == nil {
		if inputs, err = releases.importable(release, live); err != nil {
			return nil, err
		}
	}

	checkpointed, err := checkpoint(inputs, release, false)
	if err != nil {
		return nil, err
	}

	response := &pulumirpc.ReadResponse{Id: request.GetId()}
	if response.Id == "" {
		response.Id = release.id()
	}

	if response.Properties, err = properties.Marshal("state", checkpointed); err != nil {
		return nil, err
	}

	response.Inputs, err = properties.Marshal("inputs", inputs)

	return response, err
}

func (releases *Releases) parseID(id string) (namespace, name string) {
	if namespace, name, found := strings.Cut(id, "/"); found {
		return namespace, name
	}

	return releases.Namespace, id
}

// importable is what a program would have to write to get this release.
func (releases *Releases) importable(release *args, live *helmrelease.Release) (resource.PropertyMap, error) {
	release.Chart = releases.origin(live.Chart.Metadata)
	release.Timeout = defaultTimeout

	inputs, err := encode(release)
	if err != nil {
		return nil, err
	}

	for _, key := range outputOnly {
		delete(inputs, resource.PropertyKey(key))
	}

	return inputs, nil
}
