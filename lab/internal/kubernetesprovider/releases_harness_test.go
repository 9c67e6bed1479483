package kubernetesprovider

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/repo"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// helmHome gives a test Helm folders of its own.
func helmHome(t *testing.T) {
	t.Helper()

	directory := t.TempDir()
	for _, variable := range []string{"HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"} {
		t.Setenv(variable, filepath.Join(directory, variable))
	}
}

// chartOf writes a chart with the given files and returns its folder.
func chartOf(t *testing.T, name, version string, files map[string]string) string {
	t.Helper()
	directory := filepath.Join(t.TempDir(), name)

	all := map[string]string{"Chart.yaml": "apiVersion: v2\nname: " + name + "\nversion: " + version + "\nappVersion: \"9\"\n"}
	for path, contents := range files {
		all[path] = contents
	}

	for path, contents := range all {
		path = filepath.Join(directory, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(contents), 0o600))
	}

	return directory
}

const configTemplate = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  greeting: {{ .Values.greeting | default "none" | quote }}
  values: {{ .Values | toJson | quote }}
`

const deploymentTemplate = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas | default 1 }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: main, image: example/none}]}
`

const daemonSetTemplate = `apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: main, image: example/none}]}
`

// simpleChart becomes ready at once.
func simpleChart(t *testing.T) string {
	return chartOf(t, "simple", "1.2.3", map[string]string{"templates/config.yaml": configTemplate, "values.yaml": "dropped: default\n"})
}

// repository serves charts over HTTP, on loopback.
func repository(t *testing.T, charts ...string) *httptest.Server {
	t.Helper()
	directory := t.TempDir()

	for _, chart := range charts {
		client := action.NewPackage()
		client.Destination = directory
		_, err := client.Run(chart, nil)
		require.NoError(t, err)
	}

	listener, err := net.Listen("tcp", "127.205.0.2:0")
	require.NoError(t, err)

	server := httptest.NewUnstartedServer(http.FileServer(http.Dir(directory)))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	index, err := repo.IndexDirectory(directory, server.URL)
	require.NoError(t, err)
	require.NoError(t, index.WriteFile(filepath.Join(directory, "index.yaml"), 0o600))

	return server
}

func config(t *testing.T, namespace, name string) map[string]any {
	t.Helper()
	live, err := objects(t, "v1/configmaps", namespace).Get(context.Background(), name, metav1.GetOptions{})
	require.NoError(t, err)

	return live.Object["data"].(map[string]any)
}

// records are the names of Helm's release Secrets.
func records(t *testing.T, namespace string) []string {
	t.Helper()
	list, err := objects(t, "v1/secrets", namespace).List(context.Background(), metav1.ListOptions{LabelSelector: "owner=helm"})
	require.NoError(t, err)

	var names []string
	for _, item := range list.Items {
		names = append(names, item.GetName())
	}

	return names
}
