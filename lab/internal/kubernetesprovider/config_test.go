package kubernetesprovider

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"phoebe.dev/lab/internal/kubernetesprovider/properties"
)

// kubeconfigOf leads to a server, with a second context for another one.
func kubeconfigOf(t *testing.T, server, token string) string {
	t.Helper()

	config := clientcmdapi.NewConfig()
	config.Clusters["one"] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: []byte("CA")}
	config.Clusters["two"] = &clientcmdapi.Cluster{Server: "https://two:6443"}
	config.AuthInfos["admin"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["one"] = &clientcmdapi.Context{Cluster: "one", AuthInfo: "admin"}
	config.Contexts["two"] = &clientcmdapi.Context{Cluster: "two", AuthInfo: "admin"}
	config.CurrentContext = "one"
	text, err := clientcmd.Write(*config)
	require.NoError(t, err)

	return string(text)
}

func TestWhatChangesTheProvider(t *testing.T) {
	here, renewed := kubeconfigOf(t, "https://one:6443", "a"), kubeconfigOf(t, "https://one:6443", "b")
	elsewhere := kubeconfigOf(t, "https://other:6443", "a")

	unknown := resource.Computed{Element: resource.NewStringProperty("")}
	for name, test := range map[string]struct {
		olds, news map[string]any
		replaces   []string
		same       bool
	}{
		"nothing":                        {olds: object{"kubeconfig": here}, news: object{"kubeconfig": here}, same: true},
		"a new token updates":            {olds: object{"kubeconfig": here}, news: object{"kubeconfig": renewed}},
		"another server replaces":        {olds: object{"kubeconfig": here}, news: object{"kubeconfig": elsewhere}, replaces: []string{"kubeconfig"}},
		"another context replaces":       {olds: object{"kubeconfig": here}, news: object{"kubeconfig": here, "context": "two"}, replaces: []string{"context"}},
		"another cluster replaces":       {olds: object{"kubeconfig": here}, news: object{"kubeconfig": here, "cluster": "two"}, replaces: []string{"cluster"}},
		"an unknown kubeconfig replaces": {olds: object{"kubeconfig": here}, news: object{"kubeconfig": unknown}, replaces: []string{"kubeconfig"}},
		"unless the identifier is the same": {
			olds: object{"kubeconfig": here, "clusterIdentifier": "phoebe"}, news: object{"kubeconfig": unknown, "clusterIdentifier": "phoebe"},
		},
		"which vouches for another server too": {
			olds: object{"kubeconfig": here, "clusterIdentifier": "phoebe"}, news: object{"kubeconfig": elsewhere, "clusterIdentifier": "phoebe"},
		},
		"a changed identifier replaces": {
			olds: object{"kubeconfig": here, "clusterIdentifier": "phoebe"}, news: object{"kubeconfig": here, "clusterIdentifier": "lab"},
			replaces: []string{"clusterIdentifier"},
		},
		"an added identifier does not":  {olds: object{"kubeconfig": here}, news: object{"kubeconfig": here, "clusterIdentifier": "phoebe"}},
		"nor does a removed one":        {olds: object{"kubeconfig": here, "clusterIdentifier": "phoebe"}, news: object{"kubeconfig": here}},
		"another setting updates":       {olds: object{"kubeconfig": here}, news: object{"kubeconfig": here, "upsertExistingObjects": "true"}},
		"a first kubeconfig is no move": {olds: object{}, news: object{"kubeconfig": here}},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := diffConfig(test.olds, test.news)
			require.NoError(t, err)
			require.Equal(t, test.replaces, response.Replaces)
			require.Equal(t, test.same, response.Changes == pulumirpc.DiffResponse_DIFF_NONE)
		})
	}
}

func TestSettingsAreRefusedByName(t *testing.T) {
	check := func(settings object) []*pulumirpc.CheckFailure {
		news, err := properties.Marshal("settings", resource.NewPropertyMapFromMap(settings))
		require.NoError(t, err)
		response, err := New(nil).CheckConfig(context.Background(), &pulumirpc.CheckRequest{News: news})
		require.NoError(t, err)

		return response.Failures
	}
	require.Empty(t, check(object{
		"kubeconfig": resource.MakeSecret(resource.NewStringProperty("x")), "clusterIdentifier": "phoebe", "enableServerSideApply": "true",
		"upsertExistingObjects": "true", "namespace": resource.MakeComputed(resource.NewStringProperty("")),
	}))

	for setting, value := range map[string]string{"renderYamlToDirectory": "x", "alwaysRender": "true", "enableServerSideApply": "false", "tpyo": "1"} {
		failures := check(object{setting: value})
		require.Len(t, failures, 1, setting)
		require.Equal(t, setting, failures[0].Property)
		require.Contains(t, failures[0].Reason, setting)
		_, err := parseSettings(map[string]string{prefix + setting: value})
		require.ErrorContains(t, err, setting)
	}
}

func TestSettings(t *testing.T) {
	t.Setenv("PULUMI_K8S_ENABLE_PATCH_FORCE", "true")
	t.Setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")

	parsed, err := parseSettings(map[string]string{
		prefix + "deleteUnreachable":   "false",
		prefix + "kubeClientSettings":  `{"burst":7,"timeout":3}`,
		prefix + "helmReleaseSettings": `{"driver":"configmap"}`,
	})
	require.NoError(t, err)
	require.True(t, parsed.patchForce, "from the environment")
	require.False(t, parsed.deleteUnreachable, "a setting goes over the environment")
	require.False(t, parsed.upsert, "all is off by default")
	require.Equal(t, clientSettings{Burst: 7, QPS: 50, Timeout: 3}, parsed.client)
	require.Equal(t, "configmap", parsed.helm.Driver)

	_, err = parseSettings(map[string]string{prefix + "kubeClientSettings": `{"brust":7}`})
	require.ErrorContains(t, err, "kubeClientSettings")
}

func TestKubeconfigFromAFile(t *testing.T) {
	contents := kubeconfigOf(t, "https://one:6443", "a")
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, []byte(contents), 0o600))

	for _, given := range []string{contents, path} {
		config, err := loadKubeconfig(given)
		require.NoError(t, err)
		require.Equal(t, "https://one:6443", activeCluster(config, "", "").Server)
	}
}

func TestPluginInfoAndSchema(t *testing.T) {
	info, err := New(nil).GetPluginInfo(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, Version, info.Version)

	schema, err := New(nil).GetSchema(context.Background(), &pulumirpc.GetSchemaRequest{})
	require.NoError(t, err)
	require.Contains(t, schema.Schema, `"name":"kubernetes"`)

	_, err = New(nil).GetSchema(context.Background(), &pulumirpc.GetSchemaRequest{Version: 7})
	require.Error(t, err)
}
