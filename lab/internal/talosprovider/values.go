package talosprovider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// unknown stands for what only an up will tell.
var unknown = property.New(property.Computed)

// decode reads known values into a struct with json tags. What the struct does not name is an error.
func decode[T any](values property.Map) (T, error) {
	var into T

	text, err := json.Marshal(plain(property.New(values)))
	if err != nil {
		return into, err
	}

	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()

	if err = decoder.Decode(&into); err != nil {
		return into, fmt.Errorf("reading the properties: %w", err)
	}

	return into, nil
}

// encode is decode's reverse.
func encode(from any) (property.Map, error) {
	text, err := json.Marshal(from)
	if err != nil {
		return property.Map{}, err
	}

	var values map[string]any
	if err = json.Unmarshal(text, &values); err != nil {
		return property.Map{}, err
	}

	return fromPlain(values).AsMap(), nil
}

// plain gives a value as encoding/json knows it, without what Pulumi knows about it.
func plain(value property.Value) any {
	switch {
	case value.IsString():
		return value.AsString()
	case value.IsBool():
		return value.AsBool()
	case value.IsNumber():
		return value.AsNumber()
	case value.IsArray():
		items := make([]any, 0, value.AsArray().Len())
		for _, item := range value.AsArray().All {
			items = append(items, plain(item))
		}

		return items
	case value.IsMap():
		fields := map[string]any{}

		for name, field := range value.AsMap().All {
			fields[name] = plain(field)
		}

		return fields
	default:
		return nil
	}
}

func fromPlain(value any) property.Value {
	switch value := value.(type) {
	case string:
		return property.New(value)
	case bool:
		return property.New(value)
	case float64:
		return property.New(value)
	case []any:
		items := make([]property.Value, 0, len(value))
		for _, item := range value {
			items = append(items, fromPlain(item))
		}

		return property.New(items)
	case map[string]any:
		fields := map[string]property.Value{}
		for name, field := range value {
			fields[name] = fromPlain(field)
		}

		return property.New(fields)
	default:
		return property.New(property.Null)
	}
}

// same tells whether two values are equal, whether or not they are secret. An unknown value is equal to none.
func same(one, other property.Value) bool {
	return !one.HasComputed() && !other.HasComputed() && reflect.DeepEqual(plain(one), plain(other))
}

// orDefault sets a property that is not set.
func orDefault(values property.Map, name string, value property.Value) property.Map {
	if set, ok := values.GetOk(name); ok && !set.IsNull() {
		return values
	}

	return values.Set(name, value)
}
