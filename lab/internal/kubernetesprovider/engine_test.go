package kubernetesprovider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

// run runs pulumi on the program with what it shall declare.
func run(t *testing.T, project *enginetest.Project, settings object, arguments ...string) *exec.Cmd {
	t.Helper()
	settings["kubeconfig"] = apitest.Shared(t).Kubeconfig
	text, err := json.Marshal(settings)
	require.NoError(t, err)

	command := project.Command(arguments...)
	command.Env = append(command.Env, "PHOEBE_TEST_SETTINGS="+string(text))

	return command
}

func TestUnderTheEngine(t *testing.T) {
	helmHome(t)
	project := enginetest.New(t, program, enginetest.Plugin{Name: "kubernetes", Version: Version})
	t.Run("up to destroy", func(t *testing.T) { upToDestroy(t, project) })
	t.Run("nothing outlives a killed engine", func(t *testing.T) { killed(t, project) })
}

func upToDestroy(t *testing.T, project *enginetest.Project) {
	declared := object{"chart": simpleChart(t), "greeting": "hello"}
	must := func(arguments ...string) string {
		t.Helper()
		output, err := run(t, project, declared, arguments...).CombinedOutput()
		require.NoError(t, err, string(output))

		return string(output)
	}
	must("up", "--yes", "--skip-preview")
	require.Equal(t, "hello", config(t, "engine-apps", "release")["greeting"])
	require.Equal(t, "deployed", strings.TrimSpace(project.MustRun("stack", "output", "status")))
	exported := project.MustRun("stack", "export")
	require.NotContains(t, exported, "not-for-the-state")
	require.NotContains(t, exported, "bm90LWZvci10aGUtc3RhdGU", "nor as base64")
	require.NotContains(t, exported, apitest.Shared(t).Token)

	must("refresh", "--yes", "--skip-preview")
	must("preview", "--expect-no-changes")

	declared["greeting"] = "good-bye"

	require.Contains(t, must("up", "--yes"), "2 updated", "the namespace and the release")
	require.Equal(t, "good-bye", config(t, "engine-apps", "release")["greeting"])
	require.Equal(t, "good-bye", labelsOf(t, "engine-apps")["greeting"])

	must("destroy", "--yes", "--skip-preview")
	require.Empty(t, records(t, "engine-apps"))
	require.Equal(t, "good-bye", labelsOf(t, "engine-apps")["greeting"], "retainOnDelete keeps the namespace")
	require.NotContains(t, labelsOf(t, "kube-public"), "engine")
}

func killed(t *testing.T, project *enginetest.Project) {
	const record = "sh.helm.release.v1.release.v1"

	folder := filepath.Dir(filepath.Dir(project.Path("index.ts")))
	// The namespace was kept with this greeting, and another one would be a conflict: every create has a manager of its own.
	command := run(t, project, object{"chart": endless(t), "greeting": "good-bye"}, "up", "--yes", "--skip-preview")

	var output bytes.Buffer

	command.Stdout, command.Stderr = &output, &output

	t.Cleanup(func() {
		if t.Failed() {
			t.Log(output.String())
		}
	})
	require.NoError(t, command.Start())
	awaitRecord(t, "engine-apps", record)
	plugins := running(t, folder)
	require.NotEmpty(t, plugins)

	require.NoError(t, command.Process.Kill())
	require.Error(t, command.Wait())
	require.NoError(t, wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return len(running(t, folder)) == 0, nil
	}), "the plugin still runs: %v", plugins)
	require.Equal(t, "pending-install", recordOf(t, "engine-apps", record))
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
