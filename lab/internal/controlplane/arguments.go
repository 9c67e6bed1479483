package controlplane

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// arguments are a program's flags; a flag with several values is given several times.
type arguments map[string][]string

// policies say what extraArgs of the machine config may do to a flag: overwrite it (the
// default), add to it or nothing, as Talos has it.
type policies struct{ additive, denied []string }

// merge lays extraArgs over the flags.
func (a arguments) merge(extra map[string][]string, rules policies) error {
	for key, values := range extra {
		switch {
		case slices.Contains(rules.denied, key):
			return fmt.Errorf("extra arg %q is not allowed: remove it from the machine config", key)
		case slices.Contains(rules.additive, key):
			a[key] = []string{strings.Join(union(split(a[key]), split(values)), ",")}
		default:
			a[key] = slices.Clone(values)
		}
	}

	return nil
}

// list is the command line, sorted, so that equal arguments are equal command lines.
func (a arguments) list() []string {
	var list []string

	for _, key := range slices.Sorted(maps.Keys(a)) {
		for _, value := range a[key] {
			list = append(list, fmt.Sprintf("--%s=%s", key, value))
		}
	}

	return list
}

func split(values []string) []string { return strings.Split(strings.Join(values, ","), ",") }

func union(lists ...[]string) []string {
	var all []string

	for _, value := range slices.Concat(lists...) {
		if value = strings.TrimSpace(value); value != "" && !slices.Contains(all, value) {
			all = append(all, value)
		}
	}

	return all
}
