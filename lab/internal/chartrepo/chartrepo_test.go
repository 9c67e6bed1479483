package chartrepo_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/repo"

	"phoebe.dev/lab/internal/chartrepo"
)

const sources = "../../charts"

func declaring(archives string, refs ...chartrepo.Ref) *chartrepo.Repository {
	return &chartrepo.Repository{Sources: sources, Declared: func() ([]chartrepo.Ref, string, error) { return refs, archives, nil }}
}

func get(t *testing.T, url string) (int, []byte) {
	t.Helper()

	response, err := http.Get(url)
	require.NoError(t, err)

	defer response.Body.Close()

	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)

	return response.StatusCode, body
}

func TestHelmFindsWhatIsDeclared(t *testing.T) {
	server := httptest.NewServer(declaring("", chartrepo.Ref{Name: "cilium", Version: "1.19.1"}, chartrepo.Ref{Name: "flux2", Version: "2.18.3"}).Handler())
	defer server.Close()

	url, err := repo.FindChartInRepoURL(server.URL, "cilium", "1.19.1", "", "", "", getter.All(&cli.EnvSettings{}))
	require.NoError(t, err)
	require.Equal(t, server.URL+"/cilium-1.19.1.tgz", url)
	status, content := get(t, url)
	require.Equal(t, http.StatusOK, status)

	loaded, err := loader.LoadArchive(bytes.NewReader(content))
	require.NoError(t, err)
	require.Equal(t, "1.19.1", loaded.Metadata.Version)
	require.Equal(t, "1.19.1", loaded.Metadata.AppVersion)

	status, _ = get(t, server.URL+"/cilium-1.0.0.tgz")
	require.Equal(t, http.StatusNotFound, status)

	_, err = repo.FindChartInRepoURL(server.URL, "coredns", "1.0.0", "", "", "", getter.All(&cli.EnvSettings{}))
	require.Error(t, err)
}

func TestTheSameSourceHasTheSameDigest(t *testing.T) {
	first, err := chartrepo.Pack(filepath.Join(sources, "flux2"), "2.18.3")
	require.NoError(t, err)
	second, err := chartrepo.Pack(filepath.Join(sources, "flux2"), "2.18.3")
	require.NoError(t, err)
	require.Equal(t, first.Digest(), second.Digest())

	other, err := chartrepo.Pack(filepath.Join(sources, "flux2"), "2.18.4")
	require.NoError(t, err)
	require.NotEqual(t, first.Digest(), other.Digest())
}

func TestMissing(t *testing.T) {
	cilium, other := chartrepo.Ref{Name: "cilium", Version: "v1.19.1"}, chartrepo.Ref{Name: "no-such-chart", Version: "1.0.0"}
	missing, err := declaring("", cilium, other).Missing([]chartrepo.Ref{cilium, other})
	require.NoError(t, err)
	require.Equal(t, []chartrepo.Ref{other}, missing)
}

func TestAFolderOfArchivesStandsInForTheSources(t *testing.T) {
	folder := t.TempDir()
	archive, err := chartrepo.Pack(filepath.Join(sources, "coredns"), "9.9.9")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "any-name.tgz"), archive.Content, 0o600))
	contents, err := declaring(folder, chartrepo.Ref{Name: "cilium", Version: "1.19.1"}).Contents()
	require.NoError(t, err)
	require.Len(t, contents, 1)
	require.Equal(t, "coredns-9.9.9.tgz", contents[0].File())

	require.NoError(t, os.WriteFile(filepath.Join(folder, "broken.tgz"), []byte("no archive"), 0o600))
	_, err = declaring(folder).Contents()
	require.ErrorContains(t, err, "broken.tgz")
	_, err = declaring(filepath.Join(folder, "nowhere")).Contents()
	require.ErrorContains(t, err, "--charts")
}

// What the lab's kubelet and endpoint go by has to be in the charts.
func TestTheChartsRender(t *testing.T) {
	for name, expected := range map[string][]string{
		"cilium":  {"path: /etc/cni/net.d", "kind: DaemonSet", "hostNetwork: true", "replicas: 1", "name: cilium-operator"},
		"coredns": {"clusterIP: 10.96.0.10", "replicas: 2", "k8s-app: kube-dns"},
		"flux2":   {"name: source-controller", "name: kustomize-controller", "name: helm-controller", "name: notification-controller", "kind: GitRepository"},
	} {
		packed, err := chartrepo.Pack(filepath.Join(sources, name), "1.2.3")
		require.NoError(t, err)
		loaded, err := loader.LoadArchive(bytes.NewReader(packed.Content))
		require.NoError(t, err)
		values, err := chartutil.ToRenderValues(loaded, map[string]any{
			"operator": map[string]any{"replicas": 1}, "replicaCount": 2, "service": map[string]any{"clusterIP": "10.96.0.10"},
			"k8sAppLabelOverride": "kube-dns", "kubeProxyReplacement": true, "unknown": "accepted",
		}, chartutil.ReleaseOptions{Name: name, Namespace: "kube-system"}, nil)
		require.NoError(t, err)
		rendered, err := engine.Render(loaded, values)
		require.NoError(t, err)

		var all string
		for _, text := range rendered {
			all += text
		}

		for _, part := range expected {
			require.Contains(t, all, part, name)
		}
	}
}

// As the official chart, it has them among the templates, to be left out by a value.
func TestFluxBringsItsCustomResourceDefinitions(t *testing.T) {
	loaded, err := loader.LoadDir(filepath.Join(sources, "flux2"))
	require.NoError(t, err)

	for install, count := range map[bool]int{true: 8, false: 0} {
		values, err := chartutil.ToRenderValues(loaded, map[string]any{"installCRDs": install}, chartutil.ReleaseOptions{Name: "flux2", Namespace: "flux-system"}, nil)
		require.NoError(t, err)
		rendered, err := engine.Render(loaded, values)
		require.NoError(t, err)

		found := 0
		for _, text := range rendered {
			found += strings.Count(text, "kind: CustomResourceDefinition")
		}

		require.Equal(t, count, found)
	}
}
