package properties

// Prune keeps of source what has a counterpart in shape. It is what of a live object the program has a say in: the
// defaults and the status that the cluster added are no differences.
func Prune(source, shape map[string]any) map[string]any {
	if source == nil || shape == nil {
		return nil
	}

	result := map[string]any{}

	for key, wanted := range shape {
		if value, ok := source[key]; ok {
			result[key] = pruneValue(value, wanted)
		}
	}

	return result
}

func pruneValue(value, shape any) any {
	switch shape := shape.(type) {
	case map[string]any:
		if object, ok := value.(map[string]any); ok {
			return Prune(object, shape)
		}
	case []any:
		if list, ok := value.([]any); ok {
			return pruneList(list, shape)
		}
	}

	return value
}

// pruneList goes by position: what the cluster appended (an injected container, a finalizer) is dropped too.
func pruneList(list, shape []any) []any {
	result := make([]any, 0, len(list))
	for i, value := range list {
		if i < len(shape) {
			result = append(result, pruneValue(value, shape[i]))
		}
	}

	return result
}

// WithoutNulls drops fields that are null: to the API server they are not there.
func WithoutNulls(object map[string]any) map[string]any {
	result := make(map[string]any, len(object))
	for key, value := range object {
		if value != nil {
			result[key] = withoutNulls(value)
		}
	}

	return result
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return WithoutNulls(value)
	case []any:
		result := make([]any, len(value))
		for i, element := range value {
			result[i] = withoutNulls(element)
		}

		return result
	}

	return value
}
