package properties

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type object = map[string]any

func hidden(value any) resource.PropertyValue {
	return resource.MakeSecret(resource.NewPropertyValue(value))
}

func TestKeepSecret(t *testing.T) {
	from := resource.NewPropertyMapFromMap(object{
		"nested": object{"a": hidden("x"), "b": "y"}, "list": []any{"a", hidden("b")}, "whole": hidden(object{"a": "b"}), "plain": "z", "absent": hidden("x"),
	})
	values := resource.NewPropertyMapFromMap(object{
		"nested": object{"a": "x", "b": "y"}, "list": []any{"b", "a"}, "whole": object{"a": "b", "c": "d"}, "plain": "z",
	})
	KeepSecret(values, from)
	require.True(t, values["nested"].ObjectValue()["a"].IsSecret())
	require.False(t, values["nested"].ObjectValue()["b"].IsSecret())
	require.True(t, values["list"].IsSecret(), "the order of a list may change")
	require.True(t, values["whole"].IsSecret())
	require.False(t, values["plain"].IsSecret())
	require.NotContains(t, values, resource.PropertyKey("absent"))
}

func TestKeepUnknown(t *testing.T) {
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	values := resource.NewPropertyMapFromMap(object{"nested": object{"a": nil, "b": "y"}})
	KeepUnknown(values, resource.NewPropertyMapFromMap(object{"nested": object{"a": hidden(unknown)}, "dropped": unknown}))
	require.True(t, values["nested"].ObjectValue()["a"].IsComputed())
	require.Equal(t, "y", values["nested"].ObjectValue()["b"].StringValue())
	require.True(t, values["dropped"].IsComputed(), "also what decoding left out")
}

func TestPrune(t *testing.T) {
	live := object{"spec": object{"a": "1", "defaulted": "x", "list": []any{object{"n": "1", "p": "2"}, object{"injected": "y"}}}, "status": object{}}
	require.Equal(t, object{"spec": object{"a": "1", "list": []any{object{"n": "1"}}}},
		Prune(live, object{"spec": object{"a": "0", "list": []any{object{"n": "0"}}, "gone": "x"}}))
	require.Equal(t, object{"a": "1"}, Prune(object{"a": "1"}, object{"a": object{}}), "another type is shown as it is")
}

func TestDashesOfDefinitions(t *testing.T) {
	object := Object(resource.NewPropertyMapFromMap(object{"x_kubernetes_int_or_string": true, "snake_case": 1.0}))
	require.Contains(t, object, "x-kubernetes-int-or-string")
	require.Contains(t, object, "snake_case")
	require.Contains(t, FromObject(object), resource.PropertyKey("x_kubernetes_int_or_string"))
}

func TestCheckpoint(t *testing.T) {
	checkpoint := Checkpoint{
		Inputs:            &unstructured.Unstructured{Object: object{"apiVersion": "v1", "kind": "Secret", "stringData": object{"a": "b"}}},
		Live:              &unstructured.Unstructured{Object: object{"apiVersion": "v1", "kind": "Secret", "data": object{"a": "Yg=="}}},
		InitialAPIVersion: "v1", FieldManager: "me",
	}
	state := checkpoint.Properties(nil)
	require.True(t, state["data"].IsSecret())
	require.True(t, state["__inputs"].ObjectValue()["stringData"].IsSecret())
	require.Equal(t, checkpoint, ParseCheckpoint(state))
	empty := ParseCheckpoint(nil)
	require.Empty(t, empty.Live.Object)
	require.Empty(t, empty.InitialAPIVersion)
}
