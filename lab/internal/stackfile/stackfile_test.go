package stackfile_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/stackfile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func lab(set map[string]string) stackfile.Lab {
	return stackfile.Lab{ImageFactoryURL: "http://127.0.0.1:20001", ChartMirror: "http://127.0.0.1:20002", BackupDir: ".lab/backups", Set: set}
}

func derive(t *testing.T, set map[string]string) (string, *stackfile.Declared, error) {
	t.Helper()

	file, err := stackfile.Read("testdata/Pulumi.home.yaml")
	require.NoError(t, err)

	declared, err := file.Derive(lab(set))
	if err != nil {
		return "", nil, err
	}

	content, err := file.Bytes()
	require.NoError(t, err)

	return string(content), declared, nil
}

func TestGolden(t *testing.T) {
	for name, set := range map[string]map[string]string{
		"moved": nil,
		"set": {
			"kubernetesVersion": "v1.35.4", "allowDestroy": "true", "workerLanes": "2", "other:key": "{a: [1]}", "note": "",
			"nodes": `[{"hostname":"c1","role":"controlplane","address":"10.204.0.11","installDisk":"/dev/sda"}]`,
		},
	} {
		content, _, err := derive(t, set)
		require.NoError(t, err)

		golden := filepath.Join("testdata", "Pulumi."+name+".golden.yaml")
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(content), 0o644))
		}

		expected, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(expected), content)
	}
}

func TestDeclared(t *testing.T) {
	_, declared, err := derive(t, nil)
	require.NoError(t, err)
	require.Equal(t, "127.80.0.8:6443", declared.Endpoint.String())
	require.Equal(t, []string{"apps"}, declared.Apps)

	for text, folders := range map[string][]string{"mine": {"mine"}, "[apps, stacks/home/apps]": {"apps", "stacks/home/apps"}} {
		_, declared, err := derive(t, map[string]string{"apps": text})
		require.NoError(t, err)
		require.Equal(t, folders, declared.Apps)
	}

	require.Len(t, declared.Nodes, 2)
	require.Equal(t, "127.60.0.10", declared.Nodes[0].Address.String())
	require.Equal(t, "amd64", declared.Nodes[0].Arch)
	require.Equal(t, "127.168.1.101", declared.Nodes[1].Address.String())
	require.Equal(t, "arm64", declared.Nodes[1].Arch)
}

func TestRefused(t *testing.T) {
	for expected, set := range map[string]map[string]string{
		"reaches nothing outside this machine":  {"imageFactoryUrl": "https://factory.talos.dev"},
		"phoebe:chartMirror is https://10.0.0.": {"chartMirror": "https://10.0.0.5"},
		`"home.example" is not an IP address`:   {"endpoint": "https://home.example:6443"},
		"has no place in 127.0.0.0/8":           {"nodes": `[{"hostname": "a", "address": "2001:db8::1"}]`},
		"would both be 127.60.0.10":             {"nodes": `[{"hostname": "a", "address": "10.60.0.10"}, {"hostname": "b", "address": "192.60.0.10"}]`},
		"given twice":                           {"nodes": `[{"hostname": "a", "address": "10.60.0.10"}, {"hostname": "a", "address": "10.60.0.11"}]`},
		"has no address":                        {"nodes": `[{"hostname": "a"}]`},
		"is not a list of nodes":                {"nodes": "3"},
		"not YAML":                              {"note": "[1"},
		"phoebe:token encrypted":                {"token": "{secure: v1:abc}"},
	} {
		_, _, err := derive(t, set)
		require.ErrorContains(t, err, expected)
	}
}

func TestAMissingStackIsNamed(t *testing.T) {
	_, err := stackfile.Read("testdata/Pulumi.other.yaml")
	require.ErrorContains(t, err, "Pulumi.other.yaml is missing")
}

func TestTheSaltIsCarriedOver(t *testing.T) {
	before := filepath.Join(t.TempDir(), "Pulumi.home.yaml")
	require.NoError(t, os.WriteFile(before, []byte("config: {}\nencryptionsalt: v1:lab\n"), 0o600))

	file, err := stackfile.Read("testdata/Pulumi.home.yaml")
	require.NoError(t, err)
	_, err = file.Derive(lab(nil))
	require.NoError(t, err)
	require.NoError(t, file.CarrySalt(before))
	content, err := file.Bytes()
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(content), "encryptionsalt: v1:lab"))
}

func TestReleases(t *testing.T) {
	apps := t.TempDir()
	release := filepath.Join(apps, "kube-system", "cilium", "release.yaml")
	require.NoError(t, os.MkdirAll(filepath.Dir(release), 0o755))
	require.NoError(t, os.WriteFile(release, []byte("chart: cilium\nversion: 1.19.0\nlifecycle: bootstrap\n"), 0o644))

	releases, err := stackfile.Releases([]string{apps})
	require.NoError(t, err)
	require.Equal(t, []stackfile.Release{{File: release, Chart: "cilium", Version: "1.19.0"}}, releases)
}
