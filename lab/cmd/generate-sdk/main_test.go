package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheCommittedSDKIsWhatItsSchemaMakes(t *testing.T) {
	require.NoError(t, run([]string{"--check", "../../..", "../../internal/talosprovider/schema.json", "../../../sdks/talos"}))
}

func TestCheckNamesEveryFileThatIsNotWhatTheSchemaMakes(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "edited.js"), []byte("by hand"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "stray.js"), nil, 0o600))

	files := map[string][]byte{"edited.js": []byte("generated"), "absent.js": nil}

	err := compare(folder, files)
	require.ErrorContains(t, err, "absent.js: missing\n  edited.js: differs\n  stray.js: not generated")

	require.NoError(t, replace(folder, files))
	require.NoError(t, compare(folder, files))
}
