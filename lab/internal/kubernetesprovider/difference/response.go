package difference

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Without drops the changes that ignoreChanges names.
func Without(changes []Change, ignore []string) ([]Change, error) {
	for _, text := range ignore {
		path, err := resource.ParsePropertyPath(text)
		if err != nil {
			return nil, fmt.Errorf("ignoreChanges %q is no property path: %w", text, err)
		}

		changes = slices.DeleteFunc(changes, func(change Change) bool { return path.Contains(change.Path) })
	}

	return changes, nil
}

// Response is Pulumi's answer: a change that touches one of the immutable fields replaces the resource.
func Response(changes []Change, immutable []string) *pulumirpc.DiffResponse {
	response := &pulumirpc.DiffResponse{
		Changes:         pulumirpc.DiffResponse_DIFF_NONE,
		DetailedDiff:    map[string]*pulumirpc.PropertyDiff{},
		HasDetailedDiff: true,
	}

	for _, change := range changes {
		path := change.Path.String()

		kind := change.Kind
		if slices.ContainsFunc(immutable, change.Touches) {
			kind = replacing[kind]
			response.Replaces = append(response.Replaces, path)
		}

		response.Changes = pulumirpc.DiffResponse_DIFF_SOME
		response.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: kind, InputDiff: change.Kind == pulumirpc.PropertyDiff_DELETE}

		if top, ok := change.Path[0].(string); ok && !slices.Contains(response.Diffs, top) {
			response.Diffs = append(response.Diffs, top)
		}
	}

	return response
}

var replacing = map[pulumirpc.PropertyDiff_Kind]pulumirpc.PropertyDiff_Kind{
	pulumirpc.PropertyDiff_ADD:    pulumirpc.PropertyDiff_ADD_REPLACE,
	pulumirpc.PropertyDiff_DELETE: pulumirpc.PropertyDiff_DELETE_REPLACE,
	pulumirpc.PropertyDiff_UPDATE: pulumirpc.PropertyDiff_UPDATE_REPLACE,
}
