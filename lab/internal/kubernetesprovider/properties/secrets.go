package properties

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// KeepSecret marks in values whatever is secret in from, as deep as both are objects; what is an array on either
// side is secret as a whole, because the server may reorder it. The data of a Secret is secret wherever it came from.
func KeepSecret(values, from resource.PropertyMap) {
	if values == nil {
		return
	}

	if kind, ok := values["kind"]; ok && kind.IsString() && kind.StringValue() == "Secret" {
		for _, key := range []resource.PropertyKey{"data", "stringData"} {
			if value, ok := values[key]; ok && !value.IsSecret() {
				values[key] = resource.MakeSecret(value)
			}
		}
	}

	for key, origin := range from {
		value, ok := values[key]
		if !ok || value.IsSecret() {
			continue
		}

		if value.IsObject() && origin.IsObject() {
			KeepSecret(value.ObjectValue(), origin.ObjectValue())
		} else if origin.ContainsSecrets() {
			values[key] = resource.MakeSecret(value)
		}
	}
}

// KeepUnknown puts back into values what is not yet known in from: a decoded value has lost it.
func KeepUnknown(values, from resource.PropertyMap) {
	for key, origin := range from {
		value, present := values[key]
		if kept, unknown := keepUnknown(value, origin); present || unknown {
			values[key] = kept
		}
	}
}

// keepUnknown also says whether the origin itself is unknown.
func keepUnknown(value, origin resource.PropertyValue) (resource.PropertyValue, bool) {
	switch {
	case origin.IsSecret():
		return keepUnknown(value, origin.SecretValue().Element)
	case origin.IsComputed(), origin.IsOutput() && !origin.OutputValue().Known:
		return resource.MakeComputed(resource.NewStringProperty("")), true
	case value.IsObject() && origin.IsObject():
		KeepUnknown(value.ObjectValue(), origin.ObjectValue())
	case value.IsArray() && origin.IsArray():
		elements := value.ArrayValue()
		for i, element := range origin.ArrayValue() {
			if i < len(elements) {
				elements[i], _ = keepUnknown(elements[i], element)
			}
		}
	}

	return value, false
}
