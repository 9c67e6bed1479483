package release

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	helmrelease "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// record takes over what Helm recorded.
func (release *args) record(live *helmrelease.Release) error {
	if release.Name == "" {
		release.Name = live.Name
	}

	if release.Namespace == "" {
		release.Namespace = live.Namespace
	}

	if release.Chart == "" {
		release.Chart = live.Chart.Metadata.Name
	}

	release.Version = live.Chart.Metadata.Version
	release.Values = merge(release.Values, live.Config)

	names, err := resourceNames(live.Manifest)
	if err != nil {
		return fmt.Errorf("reading the manifest of release %s: %w", release.id(), err)
	}

	release.ResourceNames = names
	release.Status = &status{
		AppVersion: live.Chart.Metadata.AppVersion,
		Chart:      live.Chart.Metadata.Name,
		Name:       live.Name,
		Namespace:  live.Namespace,
		Revision:   &live.Version,
		Status:     live.Info.Status.String(),
		Version:    live.Chart.Metadata.Version,
	}

	return nil
}

// resourceNames groups the names of a manifest's objects by "Kind.group/apiVersion".
func resourceNames(manifest string) (map[string][]string, error) {
	result := map[string][]string{}

	for _, document := range releaseutil.SplitManifests(manifest) {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			return nil, err
		}

		if object.GetKind() == "" {
			continue
		}

		key := object.GroupVersionKind().GroupKind().String() + "/" + object.GetAPIVersion()

		name := object.GetName()
		if namespace := object.GetNamespace(); namespace != "" {
			name = namespace + "/" + name
		}

		if !slices.Contains(result[key], name) {
			result[key] = append(result[key], name)
		}
	}

	for _, names := range result {
		slices.Sort(names)
	}

	return result, nil
}

// checkpoint is what the state keeps: the release, and the inputs it came from, which are secret as a whole.
func checkpoint(inputs resource.PropertyMap, release *args, preview bool) (resource.PropertyMap, error) {
	state, err := encode(release)
	if err != nil {
		return nil, err
	}

	mark(state, inputs)
	state[inputsKey] = resource.MakeSecret(resource.NewObjectProperty(inputs))

	if preview {
		for _, key := range outputOnly {
			state[resource.PropertyKey(key)] = resource.MakeComputed(resource.NewStringProperty(""))
		}
	}

	return state, nil
}

// partialFailure keeps a failed release in the state; the next run upgrades it.
func partialFailure(id string, cause error, state resource.PropertyMap) error {
	marshalled, err := properties.Marshal("state", state)
	if err != nil {
		return err
	}

	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, cause.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: marshalled, Reasons: []string{cause.Error()},
	})
}
