package kubernetesprovider

import (
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
)

const definitionToken = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"

// definition is a CustomResourceDefinition as the SDK sends it: x_kubernetes_… with underscores.
func definition(group, kind, plural, scope string) object {
	return object{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": object{"name": plural + "." + group},
		"spec": object{
			"group": group, "scope": scope,
			"names": object{"kind": kind, "plural": plural},
			"versions": []any{object{
				"name": "v1", "served": true, "storage": true,
				"schema": object{"openAPIV3Schema": object{"type": "object", "x_kubernetes_preserve_unknown_fields": true}},
			}},
		},
	}
}

func TestDefinitionAndItsResources(t *testing.T) {
	plugin := connect(t)
	program := definition("pools.phoebe.dev", "Pool", "pools", "Cluster")
	created := plugin.must(definitionToken, "pools", program)
	response, _ := plugin.diff(created, program)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes, "%v", response.DetailedDiff)

	pool := object{"apiVersion": "pools.phoebe.dev/v1", "kind": "Pool", "metadata": object{"name": "one"}, "spec": object{"blocks": []any{"a"}}}
	made := plugin.must("kubernetes:pools.phoebe.dev/v1:Pool", "one", pool)
	require.Equal(t, "one", made.id, "its definition says that it lives in no namespace")
	response, _ = plugin.diff(made, pool)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, response.Changes)

	program["spec"].(object)["names"].(object)["shortNames"] = []any{"po"}
	_, err := plugin.update(created, program)
	require.NoError(t, err)
	kept, err := plugin.read(made)
	require.NoError(t, err)
	require.NotNil(t, kept, "a changed definition keeps its resources")
}

func TestCustomResourceWithoutItsDefinition(t *testing.T) {
	plugin := connect(t)
	plugin.retry = impatient
	program := object{"apiVersion": "nowhere.phoebe.dev/v1", "kind": "Thing", "metadata": object{"name": "one"}}
	_, err := plugin.preview("kubernetes:nowhere.phoebe.dev/v1:Thing", "one", program)
	require.NoError(t, err, "the preview passes")
	_, err = plugin.create("kubernetes:nowhere.phoebe.dev/v1:Thing", "one", program)
	require.ErrorContains(t, err, "no matches for kind")
}

func TestPatienceIsAboutAMinute(t *testing.T) {
	total, backoff := time.Duration(0), patience
	for backoff.Steps > 1 {
		total += backoff.Step()
	}

	require.InDelta(t, 63, total.Seconds(), 3)
}

func TestCreateWaitsForADefinition(t *testing.T) {
	plugin := connect(t)

	type outcome struct {
		made *state
		err  error
	}

	done := make(chan outcome, 1)

	go func() {
		made, err := plugin.create("kubernetes:late.phoebe.dev/v1:Late", "one",
			object{"apiVersion": "late.phoebe.dev/v1", "kind": "Late", "metadata": object{"name": "one", "namespace": "default"}})
		done <- outcome{made, err}
	}()

	connect(t).must(definitionToken, "lates", definition("late.phoebe.dev", "Late", "lates", "Namespaced"))

	result := <-done
	require.NoError(t, result.err)
	require.Equal(t, "default/one", result.made.id)
	gone, err := plugin.read(&state{urn: urnOf("kubernetes:never.phoebe.dev/v1:Never", "x"), id: "x"})
	require.NoError(t, err)
	require.Nil(t, gone, "a kind that is not served has no objects")
}
