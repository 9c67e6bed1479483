package kubernetesprovider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"

	"phoebe.dev/lab/internal/kubernetesprovider/apitest"
)

// checkChart asks for a chart without a cluster: charts are pulled in every Check, also where there is none.
func checkChart(t *testing.T, program object) (string, error) {
	t.Helper()

	kubeconfig, err := (&apitest.Cluster{Server: "https://127.205.255.254:1"}).KubeconfigFor("x")
	require.NoError(t, err)

	inputs, err := configure(t, kubeconfig).check(urnOf(releaseToken, "one"), nil, program)
	if err != nil {
		return "", err
	}

	return inputs["version"].StringValue(), nil
}

func TestChartFromAFolderOrAnArchive(t *testing.T) {
	helmHome(t)
	folder := simpleChart(t)
	version, err := checkChart(t, object{"chart": folder})
	require.NoError(t, err)
	require.Equal(t, "1.2.3", version)

	client := action.NewPackage()
	client.Destination = t.TempDir()
	archive, err := client.Run(folder, nil)
	require.NoError(t, err)
	_, err = checkChart(t, object{"chart": archive})
	require.NoError(t, err)

	t.Chdir(filepath.Dir(folder))
	_, err = checkChart(t, object{"chart": "./simple"})
	require.NoError(t, err)
	_, err = checkChart(t, object{"chart": "./absent"})
	require.ErrorContains(t, err, "check the chart name and repository configuration")
}

func TestChartFromARepositoryIsPulledInEveryCheck(t *testing.T) {
	helmHome(t)
	server := repository(t, simpleChart(t), chartOf(t, "simple", "1.10.0", nil))
	program := object{"chart": "simple", "repositoryOpts": object{"repo": server.URL}}
	version, err := checkChart(t, program)
	require.NoError(t, err)
	require.Equal(t, "1.10.0", version, "an unpinned version moves by itself")

	program["version"] = "1.2.3"
	version, err = checkChart(t, program)
	require.NoError(t, err)
	require.Equal(t, "1.2.3", version)

	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("simple", 0o700))
	_, err = checkChart(t, program)
	require.NoError(t, err, "a folder that happens to have the chart's name is not looked at")

	server.Close()

	_, err = checkChart(t, program)
	require.ErrorContains(t, err, "connection refused", "a repository that is down fails an unchanged release")
}

func TestChartFromPlainHTTPOrMisplacedOCIFails(t *testing.T) {
	helmHome(t)
	server := repository(t)
	_, err := checkChart(t, object{"chart": "oci://" + server.Listener.Addr().String() + "/simple", "version": "1.0.0"})
	require.Error(t, err, "plain HTTP")
	_, err = checkChart(t, object{"chart": "simple", "repositoryOpts": object{"repo": "oci://" + server.Listener.Addr().String()}})
	require.Error(t, err, "the OCI address belongs into chart")
}

func TestChartDependencies(t *testing.T) {
	helmHome(t)
	child := simpleChart(t)
	parent := chartOf(t, "parent", "2.0.0", nil)
	contents := "apiVersion: v2\nname: parent\nversion: 2.0.0\ndependencies: [{name: simple, version: 1.2.3, repository: \"file://" + child + "\"}]\n"
	require.NoError(t, os.WriteFile(filepath.Join(parent, "Chart.yaml"), []byte(contents), 0o600))
	_, err := checkChart(t, object{"chart": parent})
	require.ErrorContains(t, err, "missing in charts/ directory")
	version, err := checkChart(t, object{"chart": parent, "dependencyUpdate": true})
	require.NoError(t, err)
	require.Equal(t, "2.0.0", version)
}

func TestLibraryChartsAreNotInstallable(t *testing.T) {
	helmHome(t)
	folder := chartOf(t, "library", "1.0.0", nil)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Chart.yaml"), []byte("apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n"), 0o600))
	_, err := connect(t).create(releaseToken, "one", object{"chart": folder, "namespace": namespace(t)})
	require.ErrorContains(t, err, "library charts are not installable")
}
