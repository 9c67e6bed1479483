package properties

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	inputsKey            = "__inputs"
	initialAPIVersionKey = "__initialApiVersion"
	fieldManagerKey      = "__fieldManager"
)

// Checkpoint is what the state keeps of an object: the live object, and beside it what this plugin needs later.
type Checkpoint struct {
	Inputs            *unstructured.Unstructured
	Live              *unstructured.Unstructured
	InitialAPIVersion string
	FieldManager      string
}

// Properties is the checkpoint as outputs; what is secret in from is secret in it.
func (checkpoint Checkpoint) Properties(from resource.PropertyMap) resource.PropertyMap {
	live := FromObject(checkpoint.Live.Object)
	inputs := FromObject(checkpoint.Inputs.Object)

	KeepSecret(live, from)
	KeepSecret(inputs, from)
	live[inputsKey] = resource.NewObjectProperty(inputs)
	live[initialAPIVersionKey] = resource.NewStringProperty(checkpoint.InitialAPIVersion)
	live[fieldManagerKey] = resource.NewStringProperty(checkpoint.FieldManager)

	return live
}

// ParseCheckpoint reads outputs back. Of an imported object there are none, and all is empty.
func ParseCheckpoint(state resource.PropertyMap) Checkpoint {
	live := Object(state)
	checkpoint := Checkpoint{Live: &unstructured.Unstructured{Object: live}}

	inputs, _ := live[inputsKey].(map[string]any)
	if inputs == nil {
		inputs = map[string]any{}
	}

	checkpoint.Inputs = &unstructured.Unstructured{Object: inputs}
	checkpoint.InitialAPIVersion, _ = live[initialAPIVersionKey].(string)
	checkpoint.FieldManager, _ = live[fieldManagerKey].(string)

	for _, key := range []string{inputsKey, initialAPIVersionKey, fieldManagerKey} {
		delete(live, key)
	}

	if checkpoint.InitialAPIVersion == "" {
		checkpoint.InitialAPIVersion = checkpoint.Inputs.GetAPIVersion()
	}

	return checkpoint
}
