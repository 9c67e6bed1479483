package kubernetesprovider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"

	"phoebe.dev/lab/internal/enginetest"
)

const adopting = `
import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { Release } from "@pulumi/kubernetes/helm/v3/index.js";

const settings = JSON.parse(process.env.PHOEBE_TEST_SETTINGS ?? "{}");
const provider = new Provider("cluster", {
  kubeconfig: pulumi.secret(settings.kubeconfig),
  clusterIdentifier: "engine",
  upsertExistingObjects: true,
  helmReleaseSettings: { repositoryConfigPath: "./.charts/demo/repositories.yaml", repositoryCache: "./" },
});
new Release(
  "release",
  {
    chart: "./.charts/demo/default-adopted.tgz", version: "1.2.3", name: "adopted", namespace: "default",
    values: { greeting: settings.greeting }, timeout: settings.timeout, skipCrds: settings.skipCrds,
  },
  { provider, import: settings.import, ignoreChanges: settings.import ? ["timeout", "skipCrds"] : [] },
);
`

// A release that another tool installed is taken over at the revision that it has, when Helm's list of repositories leads to its chart.
func TestAdoptionUnderTheEngine(t *testing.T) {
	helmHome(t)
	project := enginetest.New(t, adopting, enginetest.Plugin{Name: "kubernetes", Version: Version})
	charts := project.Path(".charts/demo")
	require.NoError(t, os.MkdirAll(charts, 0o700))

	packager := action.NewPackage()
	packager.Destination = charts
	archive, err := packager.Run(simpleChart(t), nil)
	require.NoError(t, err)
	require.NoError(t, os.Rename(archive, filepath.Join(charts, "default-adopted.tgz")))

	up := func(settings object, arguments ...string) string {
		t.Helper()
		output, err := run(t, project, settings, append([]string{"up", "--yes"}, arguments...)...).CombinedOutput()
		require.NoError(t, err, string(output))

		return string(output)
	}
	up(object{"greeting": "hello"})
	project.MustRun("stack", "rm", "--yes", "--force")
	project.MustRun("stack", "init", "test")

	first := []string{"sh.helm.release.v1.adopted.v1"}
	require.Equal(t, first, records(t, "default"))

	project.Write(".charts/demo/repositories.yaml", "apiVersion: v1\nrepositories: [{name: ./.charts/demo, url: ./.charts/demo}]\n")
	project.Write(".charts/demo-index.yaml", "apiVersion: v1\nentries: {simple: [{apiVersion: v2, name: default-adopted.tgz, version: 1.2.3}]}\n")

	declared := object{"greeting": "hello", "import": "default/adopted", "timeout": 600, "skipCrds": true}
	require.Contains(t, up(declared), "1 imported")
	require.Equal(t, first, records(t, "default"), "the release is not upgraded")
	require.Contains(t, up(declared, "--expect-no-changes"), "3 unchanged", "the ID may stay")

	declared["greeting"] = "good-bye"
	require.Contains(t, up(declared), "1 updated")
	require.Equal(t, "good-bye", config(t, "default", "adopted")["greeting"])
}
