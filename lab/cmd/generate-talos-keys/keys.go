package main

import (
	"reflect"
	"slices"
	"strings"
)

// Keys are what is written.
type Keys struct {
	// Documents names the type of each kind.
	Documents map[string]string `json:"documents"`
	// Types holds, for each type, its keys and what stands below them: a type, "[]" and a type for lists, "{}" and a type for
	// mappings with keys of one's own. Nothing is a value, or something that Talos passes on without knowing it.
	Types map[string]map[string]string `json:"types"`
}

// add takes a type with all that is below it, and answers how it is referred to.
func (k *Keys) add(t reflect.Type) string {
	switch t.Kind() { // all others are values
	case reflect.Pointer:
		return k.add(t.Elem())
	case reflect.Slice, reflect.Array:
		return prefixed("[]", k.add(t.Elem()))
	case reflect.Map:
		return prefixed("{}", k.add(t.Elem()))
	case reflect.Struct:
		return k.addStruct(t)
	default:
		return ""
	}
}

func (k *Keys) addStruct(t reflect.Type) string {
	if readsItself(t) {
		return ""
	}

	name := t.String()
	if _, known := k.Types[name]; known {
		return name
	}

	keys := map[string]string{}
	k.Types[name] = keys

	for _, field := range reflect.VisibleFields(t) {
		key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")

		if slices.Contains(strings.Split(options, ","), "inline") && field.Type.Kind() == reflect.Map {
			delete(k.Types, name)

			return ""
		}

		if key != "" && key != "-" && field.IsExported() {
			keys[key] = k.add(field.Type)
		}
	}

	return name
}

// readsItself says whether a type is written as text, whatever its fields are.
func readsItself(t reflect.Type) bool {
	for _, method := range []string{"UnmarshalYAML", "UnmarshalText"} {
		if _, found := reflect.PointerTo(t).MethodByName(method); found {
			return true
		}
	}

	return false
}

func prefixed(prefix, reference string) string {
	if reference == "" {
		return ""
	}

	return prefix + reference
}
