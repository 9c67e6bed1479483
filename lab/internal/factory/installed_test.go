package factory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/factory"
)

func TestAnImageHasTheExtensionsOfItsSchematic(t *testing.T) {
	f := &factory.Factory{Dir: t.TempDir()}
	schematic, err := factory.Parse([]byte("customization: {systemExtensions: {officialExtensions: [siderolabs/iscsi-tools, siderolabs/i915]}}"))
	require.NoError(t, err)
	id, _, err := f.Put(schematic)
	require.NoError(t, err)

	var found []string
	for _, extension := range f.Installed(id, "v1.13.3") {
		found = append(found, extension.Name+" "+extension.Version)
	}

	require.Equal(t, []string{"i915 v1.13.3", "iscsi-tools v0.2.0"}, found)
	require.Empty(t, f.Installed("unknown", "v1.13.3"))
}
