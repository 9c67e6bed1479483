package folder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/folder"
)

func open(t *testing.T) folder.Folder {
	t.Helper()
	f, err := folder.Open(filepath.Join(t.TempDir(), "lab"))
	require.NoError(t, err)

	return f
}

func TestOnlyTheOwnerLooksIn(t *testing.T) {
	f := open(t)
	require.NoError(t, f.EnsurePassphrase())

	for path, mode := range map[string]os.FileMode{f.Path: 0o700, f.PassphraseFile(): 0o600} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
}

func TestThePassphraseStays(t *testing.T) {
	f := open(t)
	require.NoError(t, f.EnsurePassphrase())
	first, err := os.ReadFile(f.PassphraseFile())
	require.NoError(t, err)
	require.NoError(t, f.EnsurePassphrase())
	second, err := os.ReadFile(f.PassphraseFile())
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.GreaterOrEqual(t, len(first), 32)
}

func TestAPathTooLongForASocketIsRefused(t *testing.T) {
	_, err := folder.Open(filepath.Join(t.TempDir(), strings.Repeat("x", 120)))
	require.ErrorContains(t, err, "--dir")
}

func TestOneCommandAtATime(t *testing.T) {
	f := open(t)
	release, err := f.Lock()
	require.NoError(t, err)
	_, err = f.Lock()
	require.ErrorIs(t, err, folder.ErrBusy)
	release()
	release, err = f.Lock()
	require.NoError(t, err)
	release()
}

func TestMemorySurvivesAndRests(t *testing.T) {
	f := open(t)
	memory, err := f.Recall()
	require.NoError(t, err)
	require.NoError(t, memory.Ports(f))
	require.NotEqual(t, memory.Factory, memory.Charts)
	stack := memory.Stack("lab")
	stack.Active, stack.Set["kubernetesVersion"] = true, "v1.35.4"
	stack.Machines = []folder.Machine{{Name: "c1", Address: "127.204.0.11", Arch: "amd64", Talos: "v1.13.0"}}

	require.NoError(t, f.Remember(memory))

	again, err := f.Recall()
	require.NoError(t, err)
	require.Equal(t, memory, again)
	again.Rest()
	require.False(t, again.Stack("lab").Active)
	require.NoError(t, f.Remember(again))
	again, err = f.Recall()
	require.NoError(t, err)
	require.NotNil(t, again.Stack("lab").Set)
	require.Empty(t, again.Stack("lab").Set)
	require.Len(t, again.Stack("lab").Machines, 1)
	require.Equal(t, memory.Factory, again.Factory)
}

func TestAnUnreadableMemoryIsNotOverwritten(t *testing.T) {
	f := open(t)
	require.NoError(t, os.WriteFile(filepath.Join(f.Path, "lab.json"), []byte("{"), 0o600))
	_, err := f.Recall()
	require.ErrorContains(t, err, "lab.json")
}
