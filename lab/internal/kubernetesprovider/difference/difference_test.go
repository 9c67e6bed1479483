package difference

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
)

type object = map[string]any

func kinds(changes []Change) map[string]string {
	result := map[string]string{}
	for _, change := range changes {
		result[change.Path.String()] = change.Kind.String()
	}

	return result
}

func TestCompare(t *testing.T) {
	unknown := resource.Computed{Element: resource.NewStringProperty("")}
	for name, test := range map[string]struct {
		before, after object
		want          map[string]string
	}{
		"nothing":                 {object{"a": object{"b": int64(1)}}, object{"a": object{"b": 1.0}}, map[string]string{}},
		"a changed leaf":          {object{"a": object{"b": "1"}}, object{"a": object{"b": "2"}}, map[string]string{"a.b": "UPDATE"}},
		"an added field":          {object{}, object{"a": object{"b": "1"}}, map[string]string{"a": "ADD"}},
		"a removed field":         {object{"a": "1"}, object{}, map[string]string{"a": "DELETE"}},
		"a changed element":       {object{"a": []any{"x", "y"}}, object{"a": []any{"x", "z"}}, map[string]string{"a[1]": "UPDATE"}},
		"a shorter list":          {object{"a": []any{"x", "y"}}, object{"a": []any{"x"}}, map[string]string{"a[1]": "DELETE"}},
		"a longer list":           {object{"a": []any{}}, object{"a": []any{"x"}}, map[string]string{"a[0]": "ADD"}},
		"another type":            {object{"a": object{}}, object{"a": "1"}, map[string]string{"a": "UPDATE"}},
		"what is not yet known":   {object{"a": "1"}, object{"a": unknown}, map[string]string{"a": "UPDATE"}},
		"a key that is no simple": {object{"a": object{"b/c.d": "1"}}, object{"a": object{}}, map[string]string{`a["b/c.d"]`: "DELETE"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, kinds(Compare(test.before, test.after)))
		})
	}
}

func TestTouches(t *testing.T) {
	spec := object{"containers": []any{object{"image": "x"}}}
	for _, test := range []struct {
		path    resource.PropertyPath
		old     any
		pattern string
		want    bool
	}{
		{resource.PropertyPath{"metadata", "name"}, "a", ".metadata.name", true},
		{resource.PropertyPath{"metadata", "labels"}, "a", ".metadata.name", false},
		{resource.PropertyPath{"spec", "selector", "matchLabels", "app"}, "a", ".spec.selector", true},
		{resource.PropertyPath{"spec", "containers", 0, "image"}, "x", ".spec.containers[*].image", true},
		{resource.PropertyPath{"spec", "containers", 0, "name"}, "x", ".spec.containers[*].image", false},
		{resource.PropertyPath{"spec"}, spec, ".spec.containers[*].image", true},
		{resource.PropertyPath{"spec"}, object{}, ".spec.containers[*].image", false},
	} {
		require.Equal(t, test.want, Change{Path: test.path, Old: test.old}.Touches(test.pattern), "%v %s", test.path, test.pattern)
	}
}

func TestResponse(t *testing.T) {
	changes := Compare(object{"name": "a", "data": object{"x": "1", "y": "1"}}, object{"name": "b", "data": object{"x": "2"}})
	response := Response(changes, []string{".name"})
	require.Equal(t, []string{"name"}, response.Replaces)
	require.Equal(t, []string{"data", "name"}, response.Diffs)
	require.Equal(t, pulumirpc.PropertyDiff_UPDATE_REPLACE, response.DetailedDiff["name"].Kind)
	require.Equal(t, pulumirpc.PropertyDiff_DELETE, response.DetailedDiff["data.y"].Kind)

	kept, err := Without(changes, []string{"data", "name"})
	require.NoError(t, err)
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, Response(kept, nil).Changes)

	_, err = Without(changes, []string{"data[["})
	require.ErrorContains(t, err, "data[[")
}
