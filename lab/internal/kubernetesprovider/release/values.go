package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// received reads a release that the engine sent, as it was sent and as it is meant.
func received(what string, values *structpb.Struct) (resource.PropertyMap, *args, error) {
	sent, err := properties.Unmarshal(what, values)
	if err != nil {
		return nil, nil, err
	}

	release, err := decode(sent)

	return sent, release, err
}

// decode reads inputs or outputs. What is not yet known is left out; the values of valueYamlFiles are merged, in order,
// and the values given directly go over them.
func decode(values resource.PropertyMap) (*args, error) {
	plain, err := known(properties.Revealed(values))
	if err != nil {
		return nil, err
	}

	fields := plain.(map[string]any)

	files, _ := fields[valueFilesKey].([]any)
	for _, key := range []string{valueFilesKey, compatKey, inputsKey} {
		delete(fields, key)
	}

	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}

	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()

	result := &args{}
	if err := decoder.Decode(result); err != nil {
		return nil, fmt.Errorf("reading the release: %w", err)
	}

	merged := map[string]any{}

	for _, file := range files {
		contents := map[string]any{}
		if err := yaml.Unmarshal([]byte(file.(assetText)), &contents); err != nil {
			return nil, fmt.Errorf("%s: %w", valueFilesKey, err)
		}

		merged = merge(merged, contents)
	}

	result.Values = merge(merged, result.Values)

	return result, nil
}

// assetText is the contents of an asset, told apart from a string.
type assetText string

// known replaces what is not yet known by null and assets by their contents.
func known(value any) (any, error) {
	switch value := value.(type) {
	case resource.Computed, resource.Output:
		return nil, nil
	case *resource.Asset:
		contents, err := value.Bytes()

		return assetText(contents), err
	case map[string]any:
		result := make(map[string]any, len(value))
		for key, element := range value {
			plain, err := known(element)
			if err != nil {
				return nil, err
			}

			if _, asset := plain.(assetText); asset {
				return nil, fmt.Errorf("Unimplemented: an asset as the value of %q; give its text", key)
			}

			result[key] = plain
		}

		return result, nil
	case []any:
		result := make([]any, len(value))
		for i, element := range value {
			plain, err := known(element)
			if err != nil {
				return nil, err
			}

			result[i] = plain
		}

		return result, nil
	case nil, bool, string, float64:
		return value, nil
	default:
		return nil, fmt.Errorf("Unimplemented: a value of type %T", value)
	}
}

// encode is the way back, into what the state holds: fields that are empty are left out.
func encode(release *args) (resource.PropertyMap, error) {
	text, err := json.Marshal(release)
	if err != nil {
		return nil, err
	}

	fields := map[string]any{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}

	return resource.NewPropertyMapFromMap(fields), nil
}

// merge lays b over a, map by map.
func merge(a, b map[string]any) map[string]any {
	result := maps.Clone(a)
	if result == nil {
		result = map[string]any{}
	}

	for key, value := range b {
		over, isMap := value.(map[string]any)
		under, wasMap := result[key].(map[string]any)

		if isMap && wasMap {
			value = merge(under, over)
		}

		result[key] = value
	}

	return result
}
