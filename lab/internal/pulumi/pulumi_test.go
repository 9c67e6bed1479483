package pulumi_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/pulumi"
	"phoebe.dev/lab/internal/tools"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o755))
}

var plugins = map[string]string{"@pulumiverse/talos": "0.8.1", "@pulumi/kubernetes": "4.34.2", "@pulumi/command": "1.2.1"}

// home is a working tree in which everything is built and installed, with scripts in the place of programs.
func home(t *testing.T) pulumi.Home {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "lab/tools/pulumi/go.mod"), "module tools/pulumi\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.250.0\n")
	write(t, filepath.Join(root, ".lab/tools/pulumi-v3.250.0/pulumi"), "the engine")
	write(t, filepath.Join(root, ".lab/bin/pulumi-language-nodejs"), "the language host")

	for name, version := range plugins {
		plugin := filepath.Base(name)
		write(t, filepath.Join(root, "node_modules", name, "package.json"), fmt.Sprintf(`{"pulumi": {"name": %q, "version": %q}}`, plugin, version))
		write(t, filepath.Join(root, ".lab/bin/pulumi-resource-"+plugin), "the lab's "+plugin)
	}

	f, err := folder.Open(filepath.Join(root, ".lab"))
	require.NoError(t, err)

	return pulumi.Home{Folder: f, Root: root, Tools: &tools.Store{Modules: filepath.Join(root, "lab/tools"), Cache: filepath.Join(root, ".lab/tools")}}
}

func content(t *testing.T, parts ...string) string {
	t.Helper()

	text, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)

	return string(text)
}

func TestPrepare(t *testing.T) {
	h := home(t)
	for range 2 {
		require.NoError(t, h.Prepare(t.Context()))
		require.Equal(t, "the engine", content(t, h.Folder.Home(), "versions/3.250.0/bin/pulumi"))
		require.Equal(t, "the language host", content(t, h.Folder.Home(), "versions/3.250.0/bin/pulumi-language-nodejs"))
		require.Equal(t, "the engine", content(t, h.Folder.Commands(), "pulumi"))
		require.Equal(t, "the lab's talos", content(t, h.Folder.Home(), "plugins/resource-talos-v0.8.1/pulumi-resource-talos"))
		require.Equal(t, "the lab's kubernetes", content(t, h.Folder.Home(), "plugins/resource-kubernetes-v4.34.2/pulumi-resource-kubernetes"))
		require.Equal(t, "the lab's command", content(t, h.Folder.Home(), "plugins/resource-command-v1.2.1/pulumi-resource-command"))
	}
}

func TestOtherPlugins(t *testing.T) {
	h := home(t)
	require.NoError(t, h.Prepare(t.Context()))

	h.Plugins = t.TempDir()
	require.ErrorContains(t, h.Prepare(t.Context()), "--plugins takes a folder that holds pulumi-resource-talos, pulumi-resource-kubernetes, pulumi-resource-command")

	for name := range plugins {
		write(t, filepath.Join(h.Plugins, "pulumi-resource-"+filepath.Base(name)), "another "+filepath.Base(name))
	}

	require.NoError(t, h.Prepare(t.Context()))
	placed := filepath.Join(h.Folder.Home(), "plugins/resource-talos-v0.8.1/pulumi-resource-talos")
	require.Equal(t, "another talos", content(t, placed))

	h.Plugins = pulumi.OfficialPlugins
	require.NoError(t, h.Prepare(t.Context()))
	require.NoFileExists(t, placed)
	write(t, placed, "downloaded")
	require.NoError(t, h.Prepare(t.Context()))
	require.Equal(t, "downloaded", content(t, placed))

	h.Plugins = ""
	require.NoError(t, h.Prepare(t.Context()))
	require.Equal(t, "the lab's talos", content(t, placed))
}

func value(h pulumi.Home, name string) string {
	for _, variable := range h.Environment("lab") {
		if variable.Name == name {
			return variable.Value
		}
	}

	return ""
}

func TestEnvironment(t *testing.T) {
	h := home(t)
	t.Setenv("PATH", "/usr/bin:/bin:/usr/bin")
	t.Setenv("PULUMI_ACCESS_TOKEN", "of the owner")
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", "of the owner")
	require.Equal(t, h.Folder.Commands()+":"+h.Root+"/node_modules/.bin:/usr/bin:/bin", value(h, "PATH"))
	require.Equal(t, "file://"+h.Root+"/.lab/state?metadata=skip", value(h, "PULUMI_BACKEND_URL"))
	require.Equal(t, h.Root+"/.lab/Pulumi.lab.yaml", value(h, "PULUMI_OPTION_CONFIG_FILE"))
	require.Equal(t, "true", value(h, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"))
	require.Subset(t, h.Foreign("lab"), []string{"PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"})

	for _, variable := range h.Environment("lab") {
		require.NotContains(t, h.Foreign("lab"), variable.Name)
	}

	h.Plugins = pulumi.OfficialPlugins
	require.Empty(t, value(h, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"))
}

func TestALockedStateIsExplained(t *testing.T) {
	h := home(t)
	require.NoError(t, h.Unlocked("lab"))
	lock := filepath.Join(h.Folder.State(), ".pulumi/locks/organization/phoebe/lab/1.json")
	write(t, lock, `{"pid": 4194999}`) // above the kernel's highest PID

	err := h.Unlocked("lab")
	require.ErrorIs(t, err, pulumi.ErrLocked)
	require.ErrorContains(t, err, "npx pulumi cancel --yes")
	require.ErrorContains(t, err, `eval "$(npm run --silent lab -- env)"`)
	require.NoError(t, h.Unlocked("phoebe"))

	write(t, lock, fmt.Sprintf(`{"pid": %d}`, os.Getpid()))
	require.ErrorContains(t, h.Unlocked("lab"), fmt.Sprintf("process %d", os.Getpid()))
}

func TestAnotherFolderIsNamed(t *testing.T) {
	h := home(t)
	require.False(t, strings.Contains(h.EvalLine(), "--dir"))

	var err error

	h.Folder, err = folder.Open(filepath.Join(h.Root, "other"))
	require.NoError(t, err)
	require.Equal(t, `eval "$(npm run --silent lab -- env --dir `+h.Root+`/other)"`, h.EvalLine())
}
