package kubernetesprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"phoebe.dev/lab/internal/enginetest"
	"phoebe.dev/lab/internal/kubernetesprovider/apitest"
)

const program = `
import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { ConfigMap, Namespace, NamespacePatch, Secret } from "@pulumi/kubernetes/core/v1/index.js";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/index.js";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1/index.js";
import { Release } from "@pulumi/kubernetes/helm/v3/index.js";

const annotations = { "pulumi.com/deletionPropagationPolicy": "background" };
const settings = JSON.parse(process.env.PHOEBE_TEST_SETTINGS ?? "{}");
const provider = new Provider("cluster", { kubeconfig: pulumi.secret(settings.kubeconfig), clusterIdentifier: "engine", upsertExistingObjects: true });
const opts = { provider };
const namespace = new Namespace("apps", { metadata: { name: "engine-apps", labels: { greeting: settings.greeting } } }, { ...opts, retainOnDelete: true });
const patch = new NamespacePatch("kube-public", { metadata: { name: "kube-public", labels: { engine: "yes" } } }, opts);
const definition = new CustomResourceDefinition("pools", {
  metadata: { name: "pools.engine.phoebe.dev", annotations },
  spec: {
    group: "engine.phoebe.dev", scope: "Cluster", names: { kind: "Pool", plural: "pools" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } } }],
  },
}, { ...opts, retainOnDelete: true });
new CustomResource("pool", { apiVersion: "engine.phoebe.dev/v1", kind: "Pool", metadata: { name: "pool", annotations }, spec: { blocks: [1] } }, { ...opts, dependsOn: definition });
new ConfigMap("derived", { metadata: { namespace: namespace.metadata.name, name: "derived", annotations }, data: { uid: namespace.metadata.uid } }, opts);
const key = new Secret("key", { metadata: { namespace: namespace.metadata.name, name: "key", annotations }, stringData: { key: pulumi.secret("not-for-the-state") } }, opts);
const release = new Release("release", {
  chart: settings.chart, name: "release", namespace: namespace.metadata.name, skipAwait: settings.skipAwait,
  values: { greeting: settings.greeting, password: pulumi.secret("not-for-the-state") },
}, { ...opts, dependsOn: patch });
export const status = release.status.status;
export const data = key.data;
`

// use tells the program what to declare.
func use(t *testing.T, settings object) {
	t.Helper()
	settings["kubeconfig"] = apitest.Shared(t).Kubeconfig
	text, err := json.Marshal(settings)
	require.NoError(t, err)
	t.Setenv("PHOEBE_TEST_SETTINGS", string(text))
}

func TestUnderTheEngine(t *testing.T) {
	helmHome(t)
	chart := simpleChart(t)
	use(t, object{"chart": chart, "greeting": "hello"})
	project := enginetest.New(t, program, enginetest.Plugin{Name: "kubernetes", Version: Version})
	run := func(settings object, arguments ...string) string {
		use(t, settings)
		command := project.Command(arguments...)
		command.Env = append(command.Env, "PHOEBE_TEST_SETTINGS="+os.Getenv("PHOEBE_TEST_SETTINGS"))
		output, err := command.CombinedOutput()
		require.NoError(t, err, string(output))
		return string(output)
	}
	declared := object{"chart": chart, "greeting": "hello"}
	run(declared, "up", "--yes", "--skip-preview")
	require.Equal(t, "hello", config(t, "engine-apps", "release")["greeting"])
	require.Equal(t, "deployed", strings.TrimSpace(project.MustRun("stack", "output", "status")))
	exported := project.MustRun("stack", "export")
	require.NotContains(t, exported, "not-for-the-state")
	require.NotContains(t, exported, "bm90LWZvci10aGUtc3RhdGU", "nor as base64")
	require.NotContains(t, exported, apitest.Shared(t).Token)

	run(declared, "preview", "--expect-no-changes")
	run(declared, "refresh", "--yes", "--skip-preview")
	run(declared, "preview", "--expect-no-changes")

	declared["greeting"] = "good-bye"
	output := run(declared, "up", "--yes")
	require.Contains(t, output, "2 updated", "the namespace and the release")
	require.Equal(t, "good-bye", config(t, "engine-apps", "release")["greeting"])
	require.Equal(t, "good-bye", labelsOf(t, "engine-apps")["greeting"])

	run(declared, "destroy", "--yes", "--skip-preview")
	require.Empty(t, records(t, "engine-apps"))
	require.Equal(t, "good-bye", labelsOf(t, "engine-apps")["greeting"], "retainOnDelete keeps the namespace")
	require.NotContains(t, labelsOf(t, "kube-public"), "engine")
}

func TestNothingOutlivesAKilledEngine(t *testing.T) {
	helmHome(t)
	project := enginetest.New(t, strings.ReplaceAll(program, "engine", "killed"), enginetest.Plugin{Name: "kubernetes", Version: Version})
	use(t, object{"chart": endless(t), "greeting": "hello"})
	command := project.Command("up", "--yes", "--skip-preview")
	command.Env = append(command.Env, "PHOEBE_TEST_SETTINGS="+os.Getenv("PHOEBE_TEST_SETTINGS"))
	require.NoError(t, command.Start())
	awaitRecord(t, "killed-apps", "sh.helm.release.v1.release.v1")
	plugins := running(t, filepath.Dir(project.Path(".")))
	require.NotEmpty(t, plugins)

	require.NoError(t, command.Process.Kill())
	require.Error(t, command.Wait())
	require.NoError(t, wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return len(running(t, filepath.Dir(project.Path(".")))) == 0, nil
	}), "the plugin still runs: %v", plugins)
	live, err := objects(t, "v1/secrets", "killed-apps").Get(context.Background(), "sh.helm.release.v1.release.v1", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "pending-install", live.GetLabels()["status"])
}

// running are the plugin processes whose executable lies below a folder.
func running(t *testing.T, folder string) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	require.NoError(t, err)
	var found []string
	for _, link := range links {
		executable, err := os.Readlink(link)
		if err == nil && strings.HasPrefix(executable, folder) && strings.Contains(executable, "pulumi-resource-kubernetes") {
			found = append(found, fmt.Sprintf("%s (%s)", link, executable))
		}
	}
	return found
}
