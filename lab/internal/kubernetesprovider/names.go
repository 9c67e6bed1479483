package kubernetesprovider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const releaseToken = "kubernetes:helm.sh/v3:Release"

func isRelease(urn resource.URN) bool { return string(urn.Type()) == releaseToken }

// isPatch tells a patch resource (NamespacePatch on a Namespace) from a custom resource whose kind happens to end so.
func isPatch(urn resource.URN, kind string) bool { return string(urn.Type().Name()) == kind+"Patch" }

// kindOf reads a type token: kubernetes:core/v1:Namespace is the kind Namespace of v1.
func kindOf(urn resource.URN) (schema.GroupVersionKind, error) {
	module := string(urn.Type().Module().Name())

	version, err := schema.ParseGroupVersion(module)
	if err != nil || module == "" {
		return schema.GroupVersionKind{}, fmt.Errorf("type %q is not of the form kubernetes:<group>/<version>:<Kind>", urn.Type())
	}

	if version.Group == "core" {
		version.Group = ""
	}

	kind := string(urn.Type().Name())
	if builtIn(version) {
		kind = strings.TrimSuffix(kind, "Patch")
	}

	return version.WithKind(kind), nil
}

// identify fills in what kind an object is from its type token, where the inputs leave it out.
func identify(object *unstructured.Unstructured, urn resource.URN) error {
	if object.GetKind() != "" && object.GetAPIVersion() != "" {
		return nil
	}

	kind, err := kindOf(urn)
	if err != nil {
		return err
	}

	object.SetGroupVersionKind(kind)

	return nil
}

// idOf is "namespace/name", or the name alone of what lives in no namespace.
func idOf(object *unstructured.Unstructured) string {
	if namespace := object.GetNamespace(); namespace != "" {
		return namespace + "/" + object.GetName()
	}

	return object.GetName()
}

func parseID(id string) (namespace, name string) {
	if namespace, name, found := strings.Cut(id, "/"); found {
		return namespace, name
	}

	return "", id
}

// isNamed says whether the program names the object, with a name that may not be known yet.
func isNamed(object *unstructured.Unstructured) bool {
	metadata, _ := object.Object["metadata"].(map[string]any)
	_, unknown := metadata["name"].(resource.Computed)

	return unknown || object.GetName() != ""
}

// nameIt gives an object without a name one of its own: the old one where it was given before, else the logical name
// and eight random digits. The mark tells later that another name would do.
func nameIt(request *pulumirpc.CheckRequest, object, old *unstructured.Unstructured) error {
	if isNamed(object) {
		return nil
	}

	if _, unknown := object.Object["metadata"].(resource.Computed); unknown {
		return nil
	}

	if object.GetGenerateName() != "" {
		return errors.New("metadata.generateName is not supported with server-side apply: give metadata.name, or neither")
	}

	name := ""
	if annotated(old, autonamedAnnotation) {
		name = old.GetName()
	}

	if options := request.GetAutonaming(); name == "" && options != nil {
		if options.GetMode() == pulumirpc.CheckRequest_AutonamingOptions_DISABLE {
			return errors.New("autonaming is disabled: set metadata.name")
		}

		name = options.GetProposedName()
	}

	if name == "" {
		unique, err := resource.NewUniqueName(request.GetRandomSeed(), resource.URN(request.GetUrn()).Name()+"-", 0, 0, nil)
		if err != nil {
			return err
		}

		name = unique
	}

	object.SetName(name)
	markAutonamed(object)

	return nil
}

// markAutonamed goes past the typed accessors: they would drop annotations whose values are not yet known.
func markAutonamed(object *unstructured.Unstructured) {
	metadata, _ := object.Object["metadata"].(map[string]any)
	if metadata["annotations"] == nil {
		metadata["annotations"] = map[string]any{}
	}

	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		annotations[autonamedAnnotation] = "true"
	}
}
