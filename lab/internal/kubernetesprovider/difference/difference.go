// Package difference compares two plain trees and says which fields differ, in the words of Pulumi's detailed diff.
package difference

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Change is one field that differs.
type Change struct {
	Path     resource.PropertyPath
	Kind     pulumirpc.PropertyDiff_Kind // ADD, DELETE or UPDATE
	Old, New any                         // nil where there is none
}

// Compare finds what differs between two objects. What is not yet known differs from everything.
func Compare(before, after map[string]any) []Change {
	var changes []Change
	compareObjects(nil, before, after, &changes)

	return changes
}

func compareObjects(path resource.PropertyPath, before, after map[string]any, changes *[]Change) {
	keys := make([]string, 0, len(before)+len(after))
	for key := range before {
		keys = append(keys, key)
	}

	for key := range after {
		if _, both := before[key]; !both {
			keys = append(keys, key)
		}
	}

	slices.Sort(keys)

	for _, key := range keys {
		old, hadOld := before[key]
		value, hasNew := after[key]
		compareValues(append(slices.Clone(path), key), old, value, hadOld, hasNew, changes)
	}
}

func compareLists(path resource.PropertyPath, before, after []any, changes *[]Change) {
	for i := range max(len(before), len(after)) {
		var old, value any
		if i < len(before) {
			old = before[i]
		}

		if i < len(after) {
			value = after[i]
		}

		compareValues(append(slices.Clone(path), i), old, value, i < len(before), i < len(after), changes)
	}
}

func compareValues(path resource.PropertyPath, old, value any, hadOld, hasNew bool, changes *[]Change) {
	add := func(kind pulumirpc.PropertyDiff_Kind) {
		*changes = append(*changes, Change{Path: path, Kind: kind, Old: old, New: value})
	}

	switch {
	case !hadOld:
		add(pulumirpc.PropertyDiff_ADD)

		return
	case !hasNew:
		add(pulumirpc.PropertyDiff_DELETE)

		return
	}

	if before, ok := old.(map[string]any); ok {
		if after, ok := value.(map[string]any); ok {
			compareObjects(path, before, after, changes)

			return
		}
	}

	if before, ok := old.([]any); ok {
		if after, ok := value.([]any); ok {
			compareLists(path, before, after, changes)

			return
		}
	}

	if !equal(old, value) {
		add(pulumirpc.PropertyDiff_UPDATE)
	}
}

// equal compares leaves; a number is the same whether it went through JSON (float64) or not (int64).
func equal(old, value any) bool {
	if a, ok := number(old); ok {
		if b, ok := number(value); ok {
			return a == b
		}
	}

	return reflect.DeepEqual(old, value)
}

func number(value any) (float64, bool) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	}

	return 0, false
}

// Touches says whether the change affects what the pattern names: ".spec.selector" and all below it, with [*] for
// every element of a list. A change above it (the whole spec removed) touches it where the value has it.
func (change Change) Touches(pattern string) bool {
	want := strings.FieldsFunc(pattern, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	for i, step := range change.Path {
		if i == len(want) {
			return true
		}

		switch step := step.(type) {
		case string:
			if step != want[i] {
				return false
			}
		case int:
			if want[i] != "*" && want[i] != strconv.Itoa(step) {
				return false
			}
		}
	}

	rest := want[len(change.Path):]

	return len(rest) == 0 || has(change.Old, rest) || has(change.New, rest)
}

func has(value any, path []string) bool {
	if len(path) == 0 {
		return true
	}

	switch value := value.(type) {
	case map[string]any:
		element, ok := value[path[0]]

		return ok && has(element, path[1:])
	case []any:
		return path[0] == "*" && slices.ContainsFunc(value, func(element any) bool { return has(element, path[1:]) })
	}

	return false
}
