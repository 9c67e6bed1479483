package release

import (
	"context"
	"errors"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/storage/driver"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Update upgrades the release, also one that failed before.
func (releases *Releases) Update(_ context.Context, request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	_, old, err := received("old state", request.GetOlds())
	if err != nil {
		return nil, err
	}

	inputs, release, err := received("inputs", request.GetNews())
	if err != nil {
		return nil, err
	}

	if !request.GetPreview() {
		if releases.Unreachable != "" {
			return nil, fmt.Errorf("can't update Helm Release with unreachable cluster: %s", releases.Unreachable)
		}

		err = releases.upgrade(release, old.Namespace)
	}

	var failed *failure
	if err != nil && !errors.As(err, &failed) {
		return nil, err
	}

	result, err := checkpoint(inputs, release, request.GetPreview())
	if err != nil {
		return nil, err
	}

	if failed != nil {
		return nil, partialFailure(release.id(), fmt.Errorf("Helm release %q failed to initialize completely. "+
			"Use Helm CLI to investigate: error running update: %w", release.id(), failed), result)
	}

	outputs, err := properties.Marshal("state", result)

	return &pulumirpc.UpdateResponse{Properties: outputs}, err
}

func (releases *Releases) upgrade(release *args, namespace string) error {
	configuration, err := releases.action(namespace)
	if err != nil {
		return err
	}

	loaded, path, err := releases.pull(release)
	if err != nil {
		return err
	}

	if err := release.lint(path); err != nil {
		return err
	}

	client := action.NewUpgrade(configuration)
	client.Namespace = release.Namespace
	client.Atomic = release.Atomic
	client.CleanupOnFail = release.CleanupOnFail
	client.Wait = !release.SkipAwait
	client.WaitForJobs = !release.SkipAwait && release.WaitForJobs
	client.Timeout = release.timeout()
	client.SkipCRDs = release.SkipCrds
	client.DisableHooks = release.DisableCRDHooks
	client.DisableOpenAPIValidation = release.DisableOpenapiValidation
	client.SubNotes = release.RenderSubchartNotes
	client.Force = release.ForceUpdate
	client.Recreate = release.RecreatePods
	client.ResetValues = release.ResetValues
	client.ReuseValues = release.ReuseValues
	client.TakeOwnership = release.TakeOwnership
	client.Description = release.Description
	client.Devel = release.Devel

	if release.MaxHistory != nil {
		client.MaxHistory = *release.MaxHistory
	}

	if client.PostRenderer, err = release.postRenderer(); err != nil {
		return err
	}

	live, err := client.RunWithContext(releases.Context, release.Name, loaded, release.Values)
	if err == nil {
		return release.record(live)
	}

	if live == nil || errors.Is(err, driver.ErrNoDeployedReleases) {
		return err
	}

	if recording := release.record(live); recording != nil {
		return errors.Join(err, recording)
	}

	return &failure{release: release, cause: err}
}
