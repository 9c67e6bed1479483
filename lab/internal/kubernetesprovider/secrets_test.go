package kubernetesprovider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
)

const secretToken = "kubernetes:core/v1:Secret"

func secret(namespace, name string, fields object) object {
	result := object{"apiVersion": "v1", "kind": "Secret", "metadata": object{
		"namespace": namespace, "name": name, "annotations": object{propagationAnnotation: "background"},
	}}
	for key, value := range fields {
		result[key] = value
	}

	return result
}

func TestSecretsStaySecret(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	for name, fields := range map[string]object{
		"plain-data": {"data": object{"key": "dmFsdWU="}},
		"plain-text": {"stringData": object{"key": "value"}},
		"inner":      {"stringData": object{"key": resource.MakeSecret(resource.NewStringProperty("value"))}},
	} {
		created := plugin.must(secretToken, name, secret(space, name, fields))
		require.True(t, created.outputs["data"].IsSecret(), name)
		require.True(t, created.outputs["__inputs"].ObjectValue()["data"].IsSecret(), name)
		require.True(t, created.inputs["data"].IsSecret(), name)
		response, _ := plugin.diff(created, secret(space, name, fields))
		require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "%s: %v", name, response.DetailedDiff)

		refreshed, err := plugin.read(created)
		require.NoError(t, err)
		require.True(t, refreshed.outputs["data"].IsSecret(), name)
		require.True(t, refreshed.inputs["data"].IsSecret(), name)

		imported, err := plugin.read(&state{urn: created.urn, id: created.id})
		require.NoError(t, err)
		require.True(t, imported.inputs["data"].IsSecret(), name)
	}
}

func TestSecretInputsOfOtherKindsStaySecret(t *testing.T) {
	plugin, space := connect(t), namespace(t)
	program := configMap(space, "mixed", object{
		"hidden": resource.MakeSecret(resource.NewStringProperty("value")), "shown": "value",
	})

	created := plugin.must(configMapToken, "mixed", program)
	for _, data := range []resource.PropertyValue{
		created.outputs["data"], created.inputs["data"], created.outputs["__inputs"].ObjectValue()["data"],
	} {
		require.True(t, data.ObjectValue()["hidden"].IsSecret())
		require.False(t, data.ObjectValue()["shown"].IsSecret())
	}
}

func TestChangedDataReplaces(t *testing.T) {
	space := namespace(t)
	plugin, mutable := connect(t), connect(t, "enableSecretMutable", "true", "enableConfigMapMutable", "true")
	before, after := object{"stringData": object{"key": "1"}}, object{"stringData": object{"key": "2"}}
	created := plugin.must(secretToken, "fixed", secret(space, "fixed", before))

	response, _ := plugin.diff(created, secret(space, "fixed", after))
	require.NotEmpty(t, response.Replaces)
	require.True(t, response.DeleteBeforeReplace, "two objects cannot have one name")
	response, _ = mutable.diff(created, secret(space, "fixed", after))
	require.Empty(t, response.Replaces)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, response.Changes)

	updated, err := mutable.update(created, secret(space, "fixed", after))
	require.NoError(t, err)
	require.Equal(t, "Mg==", updated.outputs["data"].SecretValue().Element.ObjectValue()["key"].StringValue())

	config := plugin.must(configMapToken, "fixed", configMap(space, "fixed", object{"key": "1"}))
	response, _ = plugin.diff(config, configMap(space, "fixed", object{"key": "2"}))
	require.NotEmpty(t, response.Replaces)
	require.True(t, response.DeleteBeforeReplace)
	response, _ = mutable.diff(config, configMap(space, "fixed", object{"key": "2"}))
	require.Empty(t, response.Replaces)
}

func TestImmutableDataReplacesAnyway(t *testing.T) {
	plugin, space := connect(t, "enableSecretMutable", "true"), namespace(t)
	created := plugin.must(secretToken, "locked", secret(space, "locked", object{"stringData": object{"key": "1"}, "immutable": true}))
	response, _ := plugin.diff(created, secret(space, "locked", object{"stringData": object{"key": "2"}, "immutable": true}))
	require.NotEmpty(t, response.Replaces)
}
