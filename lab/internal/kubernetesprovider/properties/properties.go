// Package properties moves values between Pulumi's property maps and the plain maps that Kubernetes and Helm take,
// without losing what is secret or not yet known.
package properties

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// Unmarshal reads what the engine sent, keeping secrets, unknowns and nulls. What names the values in errors.
func Unmarshal(what string, values *structpb.Struct) (resource.PropertyMap, error) {
	result, err := plugin.UnmarshalProperties(values, plugin.MarshalOptions{
		Label: what, KeepUnknowns: true, KeepSecrets: true,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the %s that the engine sent: %w", what, err)
	}

	return result, nil
}

// Both reads the two sets of values that most requests bring, each named for errors.
func Both(what string, values *structpb.Struct, otherWhat string, otherValues *structpb.Struct) (one, other resource.PropertyMap, err error) {
	if one, err = Unmarshal(what, values); err != nil {
		return nil, nil, err
	}

	if other, err = Unmarshal(otherWhat, otherValues); err != nil {
		return nil, nil, err
	}

	return one, other, nil
}

// Marshal is the way back.
func Marshal(what string, values resource.PropertyMap) (*structpb.Struct, error) {
	result, err := plugin.MarshalProperties(values, plugin.MarshalOptions{
		Label: what, KeepUnknowns: true, KeepSecrets: true,
	})
	if err != nil {
		return nil, fmt.Errorf("writing the %s for the engine: %w", what, err)
	}

	return result, nil
}

// dashed are the fields of a CustomResourceDefinition whose names are no identifiers: the SDK writes them with
// underscores, the API server with dashes.
var dashed = map[string]string{
	"x_kubernetes_embedded_resource":       "x-kubernetes-embedded-resource",
	"x_kubernetes_int_or_string":           "x-kubernetes-int-or-string",
	"x_kubernetes_list_map_keys":           "x-kubernetes-list-map-keys",
	"x_kubernetes_list_type":               "x-kubernetes-list-type",
	"x_kubernetes_map_type":                "x-kubernetes-map-type",
	"x_kubernetes_preserve_unknown_fields": "x-kubernetes-preserve-unknown-fields",
	"x_kubernetes_validations":             "x-kubernetes-validations",
}

var underscored = func() map[string]resource.PropertyKey {
	result := make(map[string]resource.PropertyKey, len(dashed))
	for underscore, dash := range dashed {
		result[dash] = resource.PropertyKey(underscore)
	}

	return result
}()

// Object is the values as the API server would take them: without secretness and in the server's spelling. Unknowns
// stay, as resource.Computed.
func Object(values resource.PropertyMap) map[string]any {
	return values.MapRepl(func(key string) (string, bool) {
		dash, known := dashed[key]

		return dash, known
	}, revealed)
}

// Revealed is the values without secretness, keys untouched. Unknowns stay, as resource.Computed.
func Revealed(values resource.PropertyMap) map[string]any {
	return values.MapRepl(nil, revealed)
}

func revealed(value resource.PropertyValue) (any, bool) {
	if value.IsSecret() {
		return value.SecretValue().Element.MapRepl(nil, revealed), true
	}

	return nil, false
}

// FromObject is an object as outputs hold it: in the SDK's spelling.
func FromObject(object map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMapRepl(object, func(key string) (resource.PropertyKey, bool) {
		underscore, known := underscored[key]

		return underscore, known
	}, nil)
}

// HasUnknown says whether anything in a plain value is not yet known.
func HasUnknown(value any) bool {
	switch value := value.(type) {
	case resource.Computed:
		return true
	case resource.Output:
		return !value.Known
	case map[string]any:
		for _, element := range value {
			if HasUnknown(element) {
				return true
			}
		}
	case []any:
		for _, element := range value {
			if HasUnknown(element) {
				return true
			}
		}
	}

	return false
}
