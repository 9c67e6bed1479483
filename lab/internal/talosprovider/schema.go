package talosprovider

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

//go:embed schema.json
var schemaText string

// packageSchema is what the plugin answers by: which tokens there are, what they take, and what of it is secret.
var packageSchema = func() (spec schema.PackageSpec) {
	if err := json.Unmarshal([]byte(schemaText), &spec); err != nil {
		panic(fmt.Sprintf("the embedded schema.json: %v", err))
	}

	return spec
}()

type specs = map[string]schema.PropertySpec

// objectOf is the type that a specification refers to, if it refers to one.
func objectOf(spec schema.TypeSpec) (schema.ComplexTypeSpec, bool) {
	object, ok := packageSchema.Types[strings.TrimPrefix(spec.Ref, "#/types/")]

	return object, ok && spec.Ref != ""
}

// validate names all that is missing, of the wrong type or not known.
func validate(values property.Map, properties specs, required []string, at string) []provider.CheckFailure {
	var failures []provider.CheckFailure

	for _, name := range required {
		if value, ok := values.GetOk(name); !ok || value.IsNull() {
			failures = append(failures, provider.CheckFailure{Property: at + name, Reason: "is required and not set"})
		}
	}

	for _, name := range slices.Sorted(maps.Keys(values.AsMap())) {
		spec, ok := properties[name]
		if !ok {
			failures = append(failures, provider.CheckFailure{Property: at + name, Reason: fmt.Sprintf(
				"is not a property here: there are %s", strings.Join(slices.Sorted(maps.Keys(properties)), ", "))})

			continue
		}

		failures = append(failures, validateValue(values.Get(name), spec.TypeSpec, at+name)...)
	}

	return failures
}

func validateValue(value property.Value, spec schema.TypeSpec, at string) []provider.CheckFailure {
	wrong := func(wanted string) []provider.CheckFailure {
		return []provider.CheckFailure{{Property: at, Reason: "has to be " + wanted}}
	}

	object, isObject := objectOf(spec)

	switch {
	case value.IsNull() || value.IsComputed():
		return nil
	case isObject && value.IsMap():
		return validate(value.AsMap(), object.Properties, object.Required, at+".")
	case isObject:
		return wrong("an object")
	case spec.Type == "array" && value.IsArray():
		var failures []provider.CheckFailure
		for index, item := range value.AsArray().All {
			failures = append(failures, validateValue(item, *spec.Items, fmt.Sprintf("%s[%d]", at, index))...)
		}

		return failures
	case spec.Type == "array":
		return wrong("a list")
	case spec.Type == "string" && !value.IsString():
		return wrong("a string")
	case spec.Type == "boolean" && !value.IsBool():
		return wrong("true or false")
	default:
		return nil
	}
}

// markSecrets marks what the schema says is secret, at any depth.
func markSecrets(values property.Map, properties specs) property.Map {
	marked := values.AsMap()

	for name, value := range marked {
		spec := properties[name]

		if object, ok := objectOf(spec.TypeSpec); ok && value.IsMap() {
			value = property.WithGoValue(value, markSecrets(value.AsMap(), object.Properties))
		}

		marked[name] = value.WithSecret(value.Secret() || spec.Secret)
	}

	return property.NewMap(marked)
}
