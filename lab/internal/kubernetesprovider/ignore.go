package kubernetesprovider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// keepIgnored prepares the fields of ignoreChanges for a server-side apply. A field that is another manager's alone
// is left out, so that there is no conflict; any other is sent as it is, because leaving it out would remove it.
func keepIgnored(object, live *unstructured.Unstructured, manager string, ignore []string) error {
	for _, text := range ignore {
		path, err := fieldsOf(text)
		if err != nil {
			return err
		}

		value, found, err := unstructured.NestedFieldCopy(live.Object, path...)
		if err != nil || !found {
			continue // nothing lives there: what the inputs say is as good as anything
		}

		ours, theirs, err := owners(live, manager, path)
		if err != nil {
			return err
		}

		if theirs && !ours {
			unstructured.RemoveNestedField(object.Object, path...)
		} else if err := unstructured.SetNestedField(object.Object, value, path...); err != nil {
			return fmt.Errorf("ignoreChanges %q: %w", text, err)
		}
	}

	return nil
}

// fieldsOf reads a property path of object fields; elements of lists cannot be ignored one by one.
func fieldsOf(text string) ([]string, error) {
	path, err := resource.ParsePropertyPath(text)
	if err != nil {
		return nil, fmt.Errorf("ignoreChanges %q is no property path: %w", text, err)
	}

	fields := make([]string, 0, len(path))
	for _, step := range path {
		field, ok := step.(string)
		if !ok {
			return nil, fmt.Errorf("ignoreChanges %q: Unimplemented: elements of lists; ignore the list as a whole", text)
		}

		fields = append(fields, field)
	}

	return fields, nil
}

// owners says whether the manager, and whether anyone else, owns a field or something below it.
func owners(live *unstructured.Unstructured, manager string, path []string) (ours, theirs bool, err error) {
	wanted := make(fieldpath.Path, 0, len(path))
	for _, field := range path {
		wanted = append(wanted, fieldpath.PathElement{FieldName: &field})
	}

	for _, entry := range live.GetManagedFields() {
		if entry.FieldsV1 == nil {
			continue
		}

		set := &fieldpath.Set{}
		if err := set.FromJSON(entry.FieldsV1.GetRawReader()); err != nil {
			return false, false, fmt.Errorf("reading the managed fields of %q: %w", entry.Manager, err)
		}

		owned := false

		set.Iterate(func(path fieldpath.Path) {
			owned = owned || len(path) >= len(wanted) && path[:len(wanted)].Equals(wanted)
		})

		if entry.Manager == manager {
			ours = ours || owned
		} else {
			theirs = theirs || owned
		}
	}

	return ours, theirs, nil
}
