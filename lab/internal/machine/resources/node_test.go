package resources_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine/resources"
)

const worker = `
version: v1alpha1
machine:
  type: worker
  token: abcdef.0123456789abcdef
  kubelet:
    image: ghcr.io/siderolabs/kubelet:v1.36.3
    defaultRuntimeSeccompProfileEnabled: true
    disableManifestsDirectory: true
    extraConfig:
      maxPods: 50
      featureGates:
        ResourceHealthStatus: true
cluster:
  id: one
  secret: two
  token: abcdef.0123456789abcdef
  controlPlane:
    endpoint: https://10.80.0.8:6443
  network:
    serviceSubnets: [10.96.0.0/12]
---
apiVersion: v1alpha1
kind: HostnameConfig
hostname: Phoebe-W-01.home.example
auto: off
`

func node(t *testing.T, config string) resources.Node {
	t.Helper()

	cfg, err := configloader.NewFromBytes([]byte(config))
	require.NoError(t, err)

	return resources.NewNode(cfg, "id", netip.MustParseAddr("127.10.0.1"), "v1.13.3")
}

func TestNames(t *testing.T) {
	t.Parallel()

	n := node(t, worker)
	require.Equal(t, "Phoebe-W-01", n.Hostname)
	require.Equal(t, "home.example", n.Domain)
	require.Equal(t, "phoebe-w-01", n.Nodename)
}

func TestKubeletIsStartedWithTheConfiguredSettings(t *testing.T) {
	t.Parallel()

	spec, err := node(t, worker).KubeletSpec()
	require.NoError(t, err)

	config := spec.TypedSpec().Config
	require.EqualValues(t, 50, config["maxPods"])
	require.Equal(t, true, config["seccompDefault"])
	require.Equal(t, map[string]any{"ResourceHealthStatus": true}, config["featureGates"])
	require.Equal(t, []any{"10.96.0.10"}, config["clusterDNS"])
	require.NotContains(t, config, "staticPodPath")
	require.Contains(t, spec.TypedSpec().Args, "--node-ip=127.10.0.1")
	require.Contains(t, spec.TypedSpec().Args, "--hostname-override=phoebe-w-01")
}

func TestUnknownKubeletSettingIsAnError(t *testing.T) {
	t.Parallel()

	_, err := node(t, strings.Replace(worker, "maxPods", "maxPodz", 1)).KubeletSpec()
	require.ErrorContains(t, err, "maxPodz")
}

func TestPutKeepsTheVersionOfWhatIsTheSame(t *testing.T) {
	t.Parallel()

	st, err := resources.New(t.Context())
	require.NoError(t, err)

	version := func(gates string) string {
		spec, err := node(t, strings.Replace(worker, "\n        ResourceHealthStatus: true", " "+gates, 1)).KubeletSpec()
		require.NoError(t, err)
		require.NoError(t, st.Put(t.Context(), spec))

		kept, err := st.Get(t.Context(), k8s.NewKubeletSpec(k8s.NamespaceName, k8s.KubeletID).Metadata())
		require.NoError(t, err)

		return kept.Metadata().Version().String()
	}

	require.Equal(t, "1", version("{A: true, B: true}"))
	require.Equal(t, "1", version("{A: true, B: true}"))
	require.Equal(t, "2", version("{A: true, B: false}"))
}
