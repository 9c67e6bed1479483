package release

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/postrender"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Create installs the release. One that fails is kept, unless it is atomic.
func (releases *Releases) Create(_ context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	inputs, release, err := received("inputs", request.GetProperties())
	if err != nil {
		return nil, err
	}

	id := ""

	if !request.GetPreview() {
		if releases.Unreachable != "" {
			return nil, fmt.Errorf("can't create Helm Release with unreachable cluster: %s", releases.Unreachable)
		}

		id = release.id()
		err = releases.install(resource.URN(request.GetUrn()), release)
	}

	var failed *failure
	if err != nil && !errors.As(err, &failed) {
		return nil, err
	}

	state, err := checkpoint(inputs, release, request.GetPreview())
	if err != nil {
		return nil, err
	}

	if failed != nil {
		return nil, partialFailure(id, fmt.Errorf("Helm release %q was created, but failed to initialize completely. "+
			"Use Helm CLI to investigate: %w", id, failed), state)
	}

	outputs, err := properties.Marshal("state", state)

	return &pulumirpc.CreateResponse{Id: id, Properties: outputs}, err
}

func (releases *Releases) install(urn resource.URN, release *args) error {
	configuration, err := releases.action(release.Namespace)
	if err != nil {
		return err
	}

	loaded, path, err := releases.pull(release)
	if err != nil {
		return err
	}

	if err := installable(loaded); err != nil {
		return err
	}

	if err := release.lint(path); err != nil {
		return err
	}

	client := action.NewInstall(configuration)
	client.ReleaseName, client.Namespace = release.Name, release.Namespace
	client.CreateNamespace = release.CreateNamespace
	client.Atomic = release.Atomic
	client.Wait = !release.SkipAwait
	client.WaitForJobs = !release.SkipAwait && release.WaitForJobs
	client.Timeout = release.timeout()
	client.SkipCRDs = release.SkipCrds
	client.DisableHooks = release.DisableWebhooks
	client.DisableOpenAPIValidation = release.DisableOpenapiValidation
	client.SubNotes = release.RenderSubchartNotes
	client.Replace = release.Replace
	client.TakeOwnership = release.TakeOwnership
	client.Description = release.Description
	client.Devel = release.Devel

	if client.PostRenderer, err = release.postRenderer(); err != nil {
		return err
	}

	live, err := client.RunWithContext(releases.Context, loaded, release.Values)
	if err == nil {
		return release.record(live)
	}

	if live == nil {
		return err
	}

	if _, lookup := action.NewGet(configuration).Run(release.Name); lookup != nil {
		return err // an atomic release is gone again: there is nothing to keep
	}

	if recording := release.record(live); recording != nil {
		return errors.Join(err, recording)
	}

	releases.Log(diag.Warning, urn, "Helm release %q was created but has a failed status. Use the `helm` command to investigate "+
		"the error, correct it, then retry. Reason: %v", release.Name, err)

	return &failure{release: release, cause: err}
}

// postRenderer is nil, an interface without a value, where none is asked for.
func (release *args) postRenderer() (postrender.PostRenderer, error) {
	if release.Postrender == "" {
		return nil, nil
	}

	return postrender.NewExec(release.Postrender)
}

func (release *args) lint(path string) error {
	if !release.Lint {
		return nil
	}

	result := action.NewLint().Run([]string{path}, release.Values)
	if len(result.Errors) > 0 {
		return fmt.Errorf("malformed chart or values: %w", errors.Join(result.Errors...))
	}

	return nil
}
