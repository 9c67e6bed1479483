package kubernetesprovider

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/helmpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestReleaseLifecycle(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"compat": "true", "chart": simpleChart(t), "name": "one", "namespace": space, "values": object{"greeting": "hello"}}

	previewed, err := plugin.preview(releaseToken, "one", program)
	require.NoError(t, err)
	require.True(t, previewed.outputs["status"].IsComputed())
	require.Empty(t, records(t, space), "a preview installs nothing")

	created := plugin.must(releaseToken, "one", program)
	require.Equal(t, space+"/one", created.id)
	require.Equal(t, "hello", config(t, space, "one")["greeting"])
	require.Equal(t, float64(300), created.inputs["timeout"].NumberValue(), "defaults are filled in")
	require.Equal(t, "1.2.3", created.inputs["version"].StringValue(), "the version is the chart's own")
	require.False(t, created.inputs.HasValue("compat"))
	require.True(t, created.outputs["__inputs"].IsSecret())
	status := created.outputs["status"].ObjectValue().Mappable()
	require.Equal(t, map[string]any{
		"appVersion": "9", "chart": "simple", "name": "one", "namespace": space, "revision": 1.0, "status": "deployed", "version": "1.2.3",
	}, status)
	require.Equal(t, map[string]any{"ConfigMap/v1": []any{"one"}}, created.outputs["resourceNames"].ObjectValue().Mappable())
	require.Equal(t, []string{"sh.helm.release.v1.one.v1"}, records(t, space))

	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "%v", response.DetailedDiff)

	program["values"] = object{"greeting": "good-bye"}
	response, _ = plugin.diff(created, program)
	require.Equal(t, pulumirpc.PropertyDiff_UPDATE, response.DetailedDiff["values.greeting"].Kind)
	require.Empty(t, response.Replaces)

	updated, err := plugin.update(created, program)
	require.NoError(t, err)
	require.Equal(t, "good-bye", config(t, space, "one")["greeting"])
	require.Equal(t, 2.0, updated.outputs["status"].ObjectValue()["revision"].NumberValue())

	refreshed, err := plugin.read(updated)
	require.NoError(t, err)

	response, _ = plugin.diff(refreshed, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "%v", response.DetailedDiff)

	require.NoError(t, plugin.delete(updated))
	require.Empty(t, records(t, space))

	gone, err := plugin.read(updated)
	require.NoError(t, err)
	require.Nil(t, gone)
	require.ErrorContains(t, plugin.delete(updated), "release: not found")
}

func TestReleaseNameAndNamespaceReplace(t *testing.T) {
	helmHome(t)
	plugin, space, chart := connect(t), namespace(t), simpleChart(t)
	created := plugin.must(releaseToken, "logical", object{"chart": chart, "namespace": space})
	require.Regexp(t, "^"+space+"/logical-[0-9a-f]{8}$", created.id)
	response, _ := plugin.diff(created, object{"chart": chart, "namespace": space})
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "the name is kept")
	response, _ = plugin.diff(created, object{"chart": chart, "namespace": "default", "name": "other"})
	require.ElementsMatch(t, []string{"name", "namespace"}, response.Replaces)
}

func TestReleaseDoesNotSeeItsObjects(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"chart": simpleChart(t), "name": "one", "namespace": space}
	created := plugin.must(releaseToken, "one", program)

	require.NoError(t, objects(t, "v1/configmaps", space).Delete(context.Background(), "one", metav1.DeleteOptions{}))

	refreshed, err := plugin.read(created)
	require.NoError(t, err)

	response, _ := plugin.diff(refreshed, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)
}

func TestWhatAReleaseLeavesBehind(t *testing.T) {
	helmHome(t)
	plugin := connect(t)
	definition := `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lefts.phoebe.dev}
spec:
  group: phoebe.dev
  scope: Cluster
  names: {kind: Left, plural: lefts}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`
	files := map[string]string{"templates/config.yaml": configTemplate, "crds/left.yaml": definition}
	program := object{"chart": chartOf(t, "leaver", "1.0.0", files), "name": "leaver", "namespace": "left-behind", "createNamespace": true}

	inputs, err := plugin.check(urnOf("kubernetes:phoebe.dev/v1:Left", "x"), nil, object{"apiVersion": "phoebe.dev/v1", "kind": "Left", "metadata": object{"name": "x"}})
	require.NoError(t, err)
	require.True(t, inputs["metadata"].ObjectValue().HasValue("namespace"), "nobody knows the kind yet")

	created := plugin.must(releaseToken, "leaver", program)
	inputs, err = plugin.check(urnOf("kubernetes:phoebe.dev/v1:Left", "x"), nil, object{"apiVersion": "phoebe.dev/v1", "kind": "Left", "metadata": object{"name": "x"}})
	require.NoError(t, err)
	require.False(t, inputs["metadata"].ObjectValue().HasValue("namespace"), "the chart says what it is")

	require.NoError(t, plugin.delete(created))
	_, err = objects(t, "v1/namespaces", "").Get(context.Background(), "left-behind", metav1.GetOptions{})
	require.NoError(t, err)
	_, err = objects(t, "apiextensions.k8s.io/v1/customresourcedefinitions", "").Get(context.Background(), "lefts.phoebe.dev", metav1.GetOptions{})
	require.NoError(t, err)
}

func TestSkipCrds(t *testing.T) {
	helmHome(t)

	files := map[string]string{"templates/config.yaml": configTemplate, "crds/bad.yaml": "kind: [this is not YAML"}
	program := object{"chart": chartOf(t, "bare", "1.0.0", files), "name": "bare", "namespace": namespace(t)}
	plugin := connect(t)
	_, err := plugin.create(releaseToken, "bare", program)
	require.Error(t, err)

	program["skipCrds"] = true
	plugin.must(releaseToken, "bare", program)
}

func TestReleaseImport(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"chart": simpleChart(t), "name": "one", "namespace": space, "values": object{"greeting": "hello"}}
	plugin.must(releaseToken, "one", program)
	imported, err := plugin.read(&state{urn: urnOf(releaseToken, "one"), id: space + "/one"})
	require.NoError(t, err)
	require.Equal(t, "simple", imported.inputs["chart"].StringValue(), "Helm does not know where a chart came from")
	require.Equal(t, "hello", imported.inputs["values"].ObjectValue()["greeting"].StringValue())
	require.Equal(t, 300.0, imported.inputs["timeout"].NumberValue())
	response, _ := plugin.diff(imported, program)
	require.Equal(t, []string{"chart"}, response.Diffs, "what does not match is upgraded right after")

	updated, err := plugin.update(imported, program)
	require.NoError(t, err)
	require.Equal(t, 2.0, updated.outputs["status"].ObjectValue()["revision"].NumberValue())
}

// A folder of charts that Helm's list names as a repository is where an import says the chart came from: then nothing is left to upgrade.
func TestReleaseImportFindsTheChartInAKeptIndex(t *testing.T) {
	helmHome(t)
	folder := filepath.Dir(simpleChart(t))

	kept := map[string]string{
		helmpath.ConfigPath("repositories.yaml"): "apiVersion: v1\nrepositories: [{name: " + folder + ", url: " + folder + "}]\n",
		filepath.Join(helmpath.CachePath("repository"), folder+"-index.yaml"): "apiVersion: v1\n" +
			"entries: {simple: [{apiVersion: v2, name: other, version: 1.2.2}, {apiVersion: v2, name: simple, version: 1.2.3}]}\n",
	}
	for path, text := range kept {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}

	plugin, space := connect(t), namespace(t)
	program := object{"chart": folder + "/simple", "name": "one", "namespace": space, "values": object{"greeting": "hello"}}
	plugin.must(releaseToken, "one", program)
	imported, err := plugin.read(&state{urn: urnOf(releaseToken, "one"), id: space + "/one"})
	require.NoError(t, err)
	require.Equal(t, folder+"/simple", imported.inputs["chart"].StringValue())
	response, _ := plugin.diff(imported, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "%v", response.DetailedDiff)
}

func TestReleaseValues(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	file, err := resource.NewTextAsset("greeting: from the file\nnested: {a: 1, b: 1}\ndropped: 1\n")
	require.NoError(t, err)
	program := object{
		"chart": simpleChart(t), "name": "one", "namespace": space,
		"valueYamlFiles": []any{file},
		"values": object{
			"nested": object{"b": 2.0}, "dropped": nil,
			"password": resource.MakeSecret(resource.NewStringProperty("hidden")),
		},
	}
	created := plugin.must(releaseToken, "one", program)

	require.Equal(t, "from the file", config(t, space, "one")["greeting"])
	require.JSONEq(t, `{"greeting":"from the file","nested":{"a":1,"b":2},"password":"hidden"}`,
		config(t, space, "one")["values"].(string), "values go over the file, null removes")

	for _, values := range []resource.PropertyValue{created.inputs["values"], created.outputs["values"]} {
		require.True(t, values.ObjectValue()["password"].IsSecret())
		require.False(t, values.ObjectValue()["greeting"].IsSecret())
	}

	refreshed, err := plugin.read(created)
	require.NoError(t, err)
	require.True(t, refreshed.outputs["values"].ObjectValue()["password"].IsSecret())

	program["valueYamlFiles"] = []any{resource.MakeSecret(resource.NewAssetProperty(file))}
	inputs, err := plugin.check(created.urn, created, program)
	require.NoError(t, err)
	require.True(t, inputs["values"].IsSecret(), "what a secret file brought is secret")
}

func TestReleaseWithUnknowns(t *testing.T) {
	helmHome(t)

	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	previewed, err := connect(t).preview(releaseToken, "one", object{
		"chart": "/nowhere", "namespace": unknown, "values": object{"later": unknown, "list": []any{"a", unknown}},
	})
	require.NoError(t, err, "no chart is pulled as long as something is unknown")
	require.True(t, previewed.outputs["namespace"].IsComputed())
	values := previewed.outputs["values"].ObjectValue()
	require.True(t, values["later"].IsComputed())
	require.True(t, values["list"].ArrayValue()[1].IsComputed())
}

func TestReleaseRefusesByName(t *testing.T) {
	helmHome(t)

	for _, name := range []string{"manifest", "resourceNames", "somethingNew"} {
		_, err := connect(t).check(urnOf(releaseToken, "one"), nil, object{"chart": simpleChart(t), name: object{"a": []any{"b"}}})
		require.ErrorContains(t, err, "Unimplemented: "+name)
	}
}

func TestRemoteComponentsAreRefusedByName(t *testing.T) {
	plugin := New(nil)
	_, err := plugin.Construct(context.Background(), &pulumirpc.ConstructRequest{Type: "kubernetes:helm.sh/v4:Chart"})
	require.ErrorContains(t, err, "Unimplemented: kubernetes:helm.sh/v4:Chart")
	_, err = plugin.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: "kubernetes:yaml:decode"})
	require.ErrorContains(t, err, "Unimplemented: kubernetes:yaml:decode")
}

func TestReleaseDiffIgnoresWhatIsAsked(t *testing.T) {
	helmHome(t)
	plugin, space := connect(t), namespace(t)
	program := object{"chart": simpleChart(t), "name": "one", "namespace": space, "description": "first"}
	created := plugin.must(releaseToken, "one", program)
	delete(program, "description")
	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.PropertyDiff_DELETE, response.DetailedDiff["description"].Kind)
	response, _ = plugin.diff(created, program, "description")
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)
}
