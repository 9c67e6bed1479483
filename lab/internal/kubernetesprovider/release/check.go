package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"helm.sh/helm/v3/pkg/chart"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// Check fills in defaults and pulls the chart, so that a preview already says when it cannot be had, and so that the
// version in the state is the chart's own.
func (releases *Releases) Check(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	urn := resource.URN(request.GetUrn())

	olds, news, err := properties.Both("old inputs", request.GetOlds(), "inputs", request.GetNews())
	if err != nil {
		return nil, err
	}

	if failures := reject(news); len(failures) > 0 {
		return &pulumirpc.CheckResponse{Inputs: request.GetNews(), Failures: failures}, nil
	}

	given := news.Copy()
	if err := releases.complete(news, olds, request); err != nil {
		return nil, err
	}

	release, err := decode(news)
	if err != nil {
		return nil, err
	}

	if release.AllowNullValues {
		releases.Log(diag.Warning, urn, "allowNullValues has no effect: nulls in values are always kept")
	}

	response := &pulumirpc.CheckResponse{}

	if !news.ContainsUnknowns() {
		loaded, _, err := releases.pull(release)
		if err != nil {
			response.Failures = append(response.Failures, &pulumirpc.CheckFailure{
				Property: "chart", Reason: fmt.Sprintf("%v; check the chart name and repository configuration.", err),
			})
		} else {
			release.Version = loaded.Metadata.Version
			releases.learn(loaded, release)
		}
	}

	checked, err := encode(release)
	if err != nil {
		return nil, err
	}

	mark(checked, given)
	response.Inputs, err = properties.Marshal("inputs", checked)

	return response, err
}

// reject names the inputs that would not be honoured.
func reject(news resource.PropertyMap) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure

	for key, value := range news {
		if !slices.Contains(inputNames, string(key)) && !value.IsNull() {
			failures = append(failures, &pulumirpc.CheckFailure{Property: string(key), Reason: "Unimplemented: " + string(key)})
		}
	}

	return failures
}

// complete fills in what a release has to have.
func (releases *Releases) complete(news, olds resource.PropertyMap, request *pulumirpc.CheckRequest) error {
	if isEmpty(news["name"]) {
		news["name"] = olds["name"]
	}

	if isEmpty(news["name"]) {
		name, err := resource.NewUniqueName(request.GetRandomSeed(), resource.URN(request.GetUrn()).Name()+"-", 0, 0, nil)
		if err != nil {
			return err
		}

		news["name"] = resource.NewStringProperty(name)
	}

	if isEmpty(news["namespace"]) {
		news["namespace"] = resource.NewStringProperty(releases.Namespace)
	}

	if _, given := news["timeout"]; !given && !isTrue(news["skipAwait"]) {
		news["timeout"] = resource.NewNumberProperty(defaultTimeout)
	}

	if isTrue(news["verify"]) && isEmpty(news["keyring"]) {
		news["keyring"] = resource.NewStringProperty(os.ExpandEnv("$HOME/.gnupg/pubring.gpg"))
	}

	return nil
}

func isEmpty(value resource.PropertyValue) bool {
	return value.IsNull() || value.IsString() && value.StringValue() == ""
}

func isTrue(value resource.PropertyValue) bool { return value.IsBool() && value.BoolValue() }

// mark makes secret and unknown again what was so in the program's inputs. A secret in a values file makes all values
// secret: once merged, nobody can tell which ones came from it.
func mark(values, from resource.PropertyMap) {
	properties.KeepUnknown(values, from)
	properties.KeepSecret(values, from)

	for _, key := range []resource.PropertyKey{valueFilesKey, compatKey, inputsKey} {
		delete(values, key)
	}

	if merged, ok := values["values"]; ok && !merged.IsSecret() && from[valueFilesKey].ContainsSecrets() {
		values["values"] = resource.MakeSecret(merged)
	}
}

// learn passes on the definitions of the chart's crds folder.
func (releases *Releases) learn(loaded *chart.Chart, release *args) {
	if release.SkipCrds {
		return
	}

	for _, file := range loaded.CRDObjects() {
		documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(file.File.Data), 4096)

		for {
			definition := &unstructured.Unstructured{}

			err := documents.Decode(definition)
			if errors.Is(err, io.EOF) {
				break
			}

			if err != nil { // Helm will say so when it installs them
				break
			}

			releases.Definition(definition)
		}
	}
}
