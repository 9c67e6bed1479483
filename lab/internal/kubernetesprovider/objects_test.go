package kubernetesprovider

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	namespaceToken = "kubernetes:core/v1:Namespace"
	configMapToken = "kubernetes:core/v1:ConfigMap"
)

func TestObjectLifecycle(t *testing.T) {
	plugin, space := connect(t), namespace(t)

	program := configMap(space, "settings", object{"a": "1"})
	created := plugin.must(configMapToken, "settings", program)
	require.Equal(t, space+"/settings", created.id)
	require.Equal(t, "1", created.outputs["data"].ObjectValue()["a"].StringValue())
	require.NotEmpty(t, created.outputs["metadata"].ObjectValue()["uid"].StringValue(), "outputs are the live object")
	require.True(t, created.outputs.HasValue("__inputs"))
	require.Equal(t, "v1", created.outputs["__initialApiVersion"].StringValue())
	require.Regexp(t, "^pulumi-kubernetes-", created.outputs["__fieldManager"].StringValue())

	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)

	program["metadata"].(object)["labels"] = object{"team": "one"}
	response, _ = plugin.diff(created, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, response.Changes)
	require.Empty(t, response.Replaces)
	require.Equal(t, pulumirpc.PropertyDiff_ADD, response.DetailedDiff["metadata.labels"].Kind)

	updated, err := plugin.update(created, program)
	require.NoError(t, err)

	delete(program["metadata"].(object), "labels")
	updated, err = plugin.update(updated, program)
	require.NoError(t, err)
	live, err := objects(t, "v1/configmaps", space).Get(context.Background(), "settings", metav1.GetOptions{})
	require.NoError(t, err)
	require.Empty(t, live.GetLabels(), "what the program no longer declares is removed, although POST had created it")

	require.NoError(t, plugin.delete(updated))
	gone, err := plugin.read(updated)
	require.NoError(t, err)
	require.Nil(t, gone, "what is gone answers empty")
	require.NoError(t, plugin.delete(updated), "what is gone is deleted")
}

func TestClusterScopedObject(t *testing.T) {
	plugin := connect(t)
	created := plugin.must(namespaceToken, "space", object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "cluster-scoped"}})
	require.Equal(t, "cluster-scoped", created.id)
	require.False(t, created.inputs["metadata"].ObjectValue().HasValue("namespace"))
}

func TestRefreshSeesDrift(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := configMap(space, "drifting", object{"a": "1"})
	created := plugin.must(configMapToken, "drifting", program)
	_, err := objects(t, "v1/configmaps", space).Patch(context.Background(), "drifting", types.MergePatchType,
		[]byte(`{"data":{"a":"2","b":"not declared"}}`), metav1.PatchOptions{})
	require.NoError(t, err)

	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "a diff never asks the cluster")

	refreshed, err := plugin.read(created)
	require.NoError(t, err)

	response, _ = plugin.diff(refreshed, program)
	require.Contains(t, response.DetailedDiff, "data.a")
	require.NotContains(t, response.DetailedDiff, "data.b", "what the program never declared is no difference")
}

func TestAutonaming(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"namespace": space}, "data": object{"a": "1"}}
	created := plugin.must(configMapToken, "logical", program)
	require.Regexp(t, regexp.MustCompile("^"+space+"/logical-[0-9a-f]{8}$"), created.id)

	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "the name is kept")

	program["data"] = object{"a": "2"}
	response, _ = plugin.diff(created, program)
	require.NotEmpty(t, response.Replaces)
	require.False(t, response.DeleteBeforeReplace, "another name will do for the new one")
}

func TestImport(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := configMap(space, "found", object{"a": "1"})
	plugin.must(configMapToken, "found", program)
	imported, err := plugin.read(&state{urn: urnOf(configMapToken, "found"), id: space + "/found"})
	require.NoError(t, err)
	require.Equal(t, "1", imported.inputs["data"].ObjectValue()["a"].StringValue())
	require.False(t, imported.inputs["metadata"].ObjectValue().HasValue("uid"), "inputs are what a program would write")
	response, _ := plugin.diff(imported, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)
}

func TestIdentityReplaces(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	created := plugin.must(configMapToken, "named", configMap(space, "named", object{"a": "1"}))
	response, _ := plugin.diff(created, configMap(space, "renamed", object{"a": "1"}))
	require.NotEmpty(t, response.Replaces)
	require.False(t, response.DeleteBeforeReplace)
	response, _ = plugin.diff(created, configMap("default", "named", object{"a": "1"}))
	require.Equal(t, []string{"metadata.namespace"}, response.Replaces)
}

func TestIgnoreChanges(t *testing.T) {
	plugin, space := connect(t, "enableConfigMapMutable", "true"), namespace(t)
	created := plugin.must(configMapToken, "shared", configMap(space, "shared", object{"a": "1", "b": "1"}))
	response, _ := plugin.diff(created, configMap(space, "shared", object{"a": "2", "b": "1"}), "data.a")
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)

	_, err := objects(t, "v1/configmaps", space).Patch(context.Background(), "shared", types.MergePatchType,
		[]byte(`{"data":{"a":"theirs"}}`), metav1.PatchOptions{FieldManager: "someone-else"})
	require.NoError(t, err)
	updated, err := plugin.update(created, configMap(space, "shared", object{"a": "1", "b": "2"}), "data.a")
	require.NoError(t, err, "an ignored field is no conflict")
	require.Equal(t, "theirs", updated.outputs["data"].ObjectValue()["a"].StringValue())
	require.Equal(t, "2", updated.outputs["data"].ObjectValue()["b"].StringValue())
}

func TestUnknownsStayUnknown(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	program := configMap(space, "unknown", object{"a": unknown})
	result, err := plugin.preview(configMapToken, "unknown", program)
	require.NoError(t, err)
	require.True(t, result.outputs["data"].ObjectValue()["a"].IsComputed())

	created := plugin.must(configMapToken, "unknown", configMap(space, "unknown", object{"a": "1"}))
	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.PropertyDiff_UPDATE_REPLACE, response.DetailedDiff["data.a"].Kind)
}

func TestDeleteWaits(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := configMap(space, "held", object{"a": "1"})
	program["metadata"].(object)["finalizers"] = []any{"phoebe.dev/held"}
	created := plugin.must(configMapToken, "held", program)

	deleted := make(chan error, 1)
	go func() { deleted <- plugin.delete(created) }()

	client := objects(t, "v1/configmaps", space)
	require.NoError(t, wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		live, err := client.Get(ctx, "held", metav1.GetOptions{})

		return err == nil && live.GetDeletionTimestamp() != nil, err
	}))

	select {
	case err := <-deleted:
		t.Fatalf("the delete did not wait: %v", err)
	default:
	}

	_, err := client.Patch(context.Background(), "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	require.NoError(t, <-deleted)
}

func TestDeleteThatTimesOutKeepsTheObject(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := configMap(space, "stuck", object{"a": "1"})
	metadata := program["metadata"].(object)
	metadata["finalizers"] = []any{"phoebe.dev/stuck"}
	metadata["annotations"].(object)[timeoutAnnotation] = "1"
	created := plugin.must(configMapToken, "stuck", program)
	err := plugin.delete(created)
	require.ErrorContains(t, err, "phoebe.dev/stuck")
	require.NotNil(t, initFailure(err))
}
