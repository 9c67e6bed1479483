package kubernetesprovider

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const patchToken = "kubernetes:core/v1:NamespacePatch"

func labelled(name string, labels object) object {
	return object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": name, "labels": labels}}
}

// applyAs has another field manager own a label of a namespace.
func applyAs(t *testing.T, manager, name, label, value string) {
	t.Helper()

	force := true
	_, err := objects(t, "v1/namespaces", "").Patch(context.Background(), name, types.ApplyPatchType,
		[]byte(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"`+name+`","labels":{"`+label+`":"`+value+`"}}}`),
		metav1.PatchOptions{FieldManager: manager, Force: &force})
	require.NoError(t, err)
}

func labelsOf(t *testing.T, name string) map[string]string {
	t.Helper()
	live, err := objects(t, "v1/namespaces", "").Get(context.Background(), name, metav1.GetOptions{})
	require.NoError(t, err)

	return live.GetLabels()
}

func TestCreateOfWhatExistsFails(t *testing.T) {
	name := namespace(t)
	_, err := connect(t).create(namespaceToken, "taken", labelled(name, object{"a": "1"}))
	require.ErrorContains(t, err, "already exists")
	_, err = connect(t).create(namespaceToken, "kube-system", labelled("kube-system", object{"a": "1"}))
	require.ErrorContains(t, err, "already exists", "the built-in namespaces are only patched")
}

func TestUpsertAdoptsWhatExists(t *testing.T) {
	name := namespace(t)
	plugin := connect(t, "upsertExistingObjects", "true")
	created := plugin.must(namespaceToken, "taken", labelled(name, object{"a": "1"}))
	require.Equal(t, "1", labelsOf(t, name)["a"])
	updated, err := plugin.update(created, labelled(name, object{"b": "1"}))
	require.NoError(t, err)
	require.NotContains(t, labelsOf(t, name), "a")
	require.Equal(t, "1", labelsOf(t, name)["b"])
	require.Equal(t, created.outputs["__fieldManager"], updated.outputs["__fieldManager"])
}

func TestEveryCreateHasAManagerOfItsOwn(t *testing.T) {
	name := namespace(t)
	plugin := connect(t, "upsertExistingObjects", "true")
	plugin.must(namespaceToken, "kept", labelled(name, object{"a": "1"}))
	plugin.must(namespaceToken, "kept", labelled(name, object{"a": "1", "b": "1"}))
	_, err := plugin.create(namespaceToken, "kept", labelled(name, object{"a": "2"}))
	require.ErrorContains(t, err, "conflict", "what an earlier, forgotten create set is as foreign as anything")
}

func TestBuiltInNamespaceCannotBeDeleted(t *testing.T) {
	plugin := connect(t)
	imported, err := plugin.read(&state{urn: urnOf(namespaceToken, "kube-system"), id: "kube-system"})
	require.NoError(t, err)
	require.ErrorContains(t, plugin.delete(imported), "forbidden")
}

func TestForeignFieldsAreAConflict(t *testing.T) {
	name := namespace(t)
	applyAs(t, "flux", name, "owner", "flux")
	plugin := connect(t, "upsertExistingObjects", "true")
	_, err := plugin.create(namespaceToken, "shared", labelled(name, object{"owner": "phoebe"}))
	require.ErrorContains(t, err, "conflict")

	created := plugin.must(namespaceToken, "shared", labelled(name, object{"a": "1"}))
	failed, err := plugin.update(created, labelled(name, object{"owner": "phoebe"}))
	require.ErrorContains(t, err, "conflict")
	require.NotNil(t, failed, "a failed update is kept in the state")
	require.Equal(t, "flux", labelsOf(t, name)["owner"])

	_, err = connect(t, "enablePatchForce", "true", "upsertExistingObjects", "true").update(created, labelled(name, object{"owner": "phoebe"}))
	require.NoError(t, err)
	require.Equal(t, "phoebe", labelsOf(t, name)["owner"])
}

func TestPatchNeedsAName(t *testing.T) {
	_, err := connect(t).create(patchToken, "nameless", object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{}})
	require.ErrorContains(t, err, "metadata.name")
}

func TestPatchCreatesAMissingNamespaceAndDeleteOnlyGivesFieldsBack(t *testing.T) {
	plugin := connect(t)
	patch := plugin.must(patchToken, "patch", labelled("made-by-a-patch", object{"a": "1"}))
	require.Equal(t, "made-by-a-patch", patch.id)
	require.Equal(t, "1", labelsOf(t, "made-by-a-patch")["a"])
	applyAs(t, "flux", "made-by-a-patch", "owner", "flux")

	patch, err := plugin.update(patch, labelled("made-by-a-patch", object{"b": "1"}))
	require.NoError(t, err)
	require.NotContains(t, labelsOf(t, "made-by-a-patch"), "a")

	require.NoError(t, plugin.delete(patch))
	labels := labelsOf(t, "made-by-a-patch")
	require.NotContains(t, labels, "b")
	require.Equal(t, "flux", labels["owner"])
}

func TestPatchOfABuiltInNamespace(t *testing.T) {
	plugin := connect(t)
	program := labelled("kube-system", object{"phoebe.dev/patched": "yes"})
	patch := plugin.must(patchToken, "kube-system", program)
	response, _ := plugin.diff(patch, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)

	refreshed, err := plugin.read(patch)
	require.NoError(t, err)

	response, _ = plugin.diff(refreshed, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)
	require.NoError(t, plugin.delete(patch))
	require.NotContains(t, labelsOf(t, "kube-system"), "phoebe.dev/patched")
}

func TestPatchOfWhatIsGoneMakesNothingAtItsDelete(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := configMap(space, "gone", object{"a": "1"})
	patch := plugin.must("kubernetes:core/v1:ConfigMapPatch", "gone", program)
	client := objects(t, "v1/configmaps", space)
	require.NoError(t, client.Delete(context.Background(), "gone", metav1.DeleteOptions{}))
	require.NoError(t, plugin.delete(patch))

	_, err := client.Get(context.Background(), "gone", metav1.GetOptions{})
	require.Error(t, err)
}

func TestPatchForceAnnotation(t *testing.T) {
	name := namespace(t)
	applyAs(t, "flux", name, "owner", "flux")
	program := labelled(name, object{"owner": "phoebe"})
	plugin := connect(t)
	_, err := plugin.create(patchToken, "patch", program)
	require.ErrorContains(t, err, "conflict")

	program["metadata"].(object)["annotations"] = object{patchForceAnnotation: "true", fieldManagerAnnotation: "phoebe"}
	patch := plugin.must(patchToken, "patch", program)
	require.Equal(t, "phoebe", patch.outputs["__fieldManager"].StringValue())
}
