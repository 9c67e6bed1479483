package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOptionsMeanWhatTheyMeanToPulumisHost(t *testing.T) {
	parsed, err := parseOptions(map[string]any{})
	require.NoError(t, err)
	require.Equal(t, options{environment: []string{"PULUMI_NODEJS_TYPESCRIPT=true"}}, parsed)

	parsed, err = parseOptions(map[string]any{"typescript": false, "nodeargs": "--max-old-space-size=900 '--title=a b'"})
	require.NoError(t, err)
	require.Equal(t, options{arguments: []string{"--max-old-space-size=900", "--title=a b"}}, parsed)

	_, err = parseOptions(map[string]any{"typescript": "no"})
	require.EqualError(t, err, "runtime option typescript cannot be no")

	_, err = parseOptions(map[string]any{"binary": "x"})
	require.ErrorContains(t, err, `runtime option "binary" is not one that this language host knows`)
}

func TestRequiredPackagesAreThoseOfTheDirectDependencies(t *testing.T) {
	folder := t.TempDir()
	install := func(path, text string) {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, path), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, path, "package.json"), []byte(text), 0o600))
	}

	install(".", `{"dependencies": {"@pulumi/command": "1.2.1", "@pulumiverse/talos": "*", "yaml": "*"}}`)
	install("node_modules/yaml", `{"name": "yaml", "version": "2.9.1"}`)
	install("node_modules/@pulumi/command", `{"name": "@pulumi/command", "version": "v1.2.1", "pulumi": {"resource": true}}`)

	_, err := requiredPackages(folder)
	require.ErrorContains(t, err, "@pulumiverse/talos is not installed in "+folder)

	install("node_modules/@pulumiverse/talos", `{"name": "@pulumiverse/talos", "version": "1.0.0",
		"pulumi": {"resource": true, "name": "talos", "version": "0.8.1", "server": "github://api.github.com/pulumiverse"}}`)

	packages, err := requiredPackages(folder)
	require.NoError(t, err)
	require.Len(t, packages, 2)
	require.Equal(t, "command v1.2.1", packages[0].Name+" "+packages[0].Version)
	require.Equal(t, "talos v0.8.1", packages[1].Name+" "+packages[1].Version)
	require.Equal(t, "github://api.github.com/pulumiverse", packages[1].Server)
}
