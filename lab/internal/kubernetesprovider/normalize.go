package kubernetesprovider

import (
	"encoding/base64"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// readOnly are the metadata that only the API server writes.
var readOnly = []string{
	"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
	"resourceVersion", "uid",
}

// normalize brings inputs into the form that the API server answers with, so that two ways to write the same thing
// (cpu "1000m" and "1", stringData and data) are no difference.
func normalize(object *unstructured.Unstructured) *unstructured.Unstructured {
	result := &unstructured.Unstructured{Object: properties.WithoutNulls(object.Object)}
	if !properties.HasUnknown(result.Object) {
		switch {
		case isDefinition(result):
			normalizeDefinition(result)
		case isSecret(result):
			normalizeSecret(result)
		default:
			result = throughTypes(result)
		}
	}

	dropReadOnly(result)

	return result
}

func dropReadOnly(object *unstructured.Unstructured) {
	for _, field := range readOnly {
		unstructured.RemoveNestedField(object.Object, "metadata", field)
	}
}

// throughTypes reads an object into its Go type and back, and keeps of that what was there before: empty and unknown
// fields are gone, as they are for the API server. What has no type here, or does not fit it, stays as it is: the API
// server will say so.
func throughTypes(object *unstructured.Unstructured) *unstructured.Unstructured {
	typed, err := scheme.Scheme.New(object.GroupVersionKind())
	if err != nil {
		return object
	}

	converter := runtime.DefaultUnstructuredConverter
	if err := converter.FromUnstructured(object.Object, typed); err != nil {
		return object
	}

	fields, err := converter.ToUnstructured(typed)
	if err != nil {
		return object
	}

	unstructured.RemoveNestedField(fields, "status")

	return &unstructured.Unstructured{Object: properties.Prune(fields, object.Object)}
}

// normalizeDefinition drops what the API server drops.
func normalizeDefinition(object *unstructured.Unstructured) {
	if preserve, found, err := unstructured.NestedBool(object.Object, "spec", "preserveUnknownFields"); err == nil && found && !preserve {
		unstructured.RemoveNestedField(object.Object, "spec", "preserveUnknownFields")
	}

	unstructured.RemoveNestedField(object.Object, "status")
}

// normalizeSecret moves stringData into data, as the API server does, and writes base64 without line breaks.
func normalizeSecret(object *unstructured.Unstructured) {
	data, _ := object.Object["data"].(map[string]any)

	result := make(map[string]any, len(data))
	for key, value := range data {
		result[key] = value
		if text, ok := value.(string); ok {
			if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
				result[key] = base64.StdEncoding.EncodeToString(decoded)
			}
		}
	}

	texts, _ := object.Object["stringData"].(map[string]any)
	for key, value := range texts {
		if text, ok := value.(string); ok {
			result[key] = base64.StdEncoding.EncodeToString([]byte(text))
		}
	}

	if len(result) > 0 {
		object.Object["data"] = result
	}

	delete(object.Object, "stringData")
}

func isSecret(object *unstructured.Unstructured) bool {
	return object.GetAPIVersion() == "v1" && object.GetKind() == "Secret"
}

func isConfigMap(object *unstructured.Unstructured) bool {
	return object.GetAPIVersion() == "v1" && object.GetKind() == "ConfigMap"
}
