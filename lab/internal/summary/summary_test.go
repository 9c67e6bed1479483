package summary_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/cluster"
	"phoebe.dev/lab/internal/summary"
)

func TestItFitsAndIsPlain(t *testing.T) {
	var out strings.Builder

	long := strings.Repeat("very-", 11) + "long"
	summary.Summary{
		Stack: "lab",
		Nodes: []cluster.Node{
			{Name: "lab-k-ctrl-01", Address: "127.90.0.11", Kubernetes: "v1.36.3", ControlPlane: true, Ready: true},
			{Name: long, Address: "127.100.100.121", Kubernetes: "v1.36.3-rc.1"},
		},
		Talos:       map[string]string{"lab-k-ctrl-01": "v1.13.3", long: "v1.13.3"},
		Releases:    []cluster.Release{{Namespace: "kube-system", Name: "cilium", Chart: "cilium-1.19.1", Status: "deployed"}, {Namespace: long, Name: long, Chart: long, Status: "pending-install"}},
		Kubeconfig:  ".lab/kubeconfig",
		Talosconfig: ".lab/talosconfig",
		EvalLine:    `eval "$(npm run --silent lab -- env)"`,
		Stop:        "npm run lab:stop",
	}.Write(&out)

	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)

		for _, r := range strings.TrimSuffix(line, "\n") {
			require.False(t, unicode.IsControl(r), "%q", line)
		}
	}

	require.Contains(t, out.String(), "NODE")
	require.Contains(t, out.String(), "lab-k-ctrl-01")
	require.Contains(t, out.String(), "control plane  127.90.0.11      v1.13.3  v1.36.3       yes\n")
	require.Contains(t, out.String(), "cilium-1.19.1")
	require.Contains(t, out.String(), "talosctl -n 127.90.0.11 services")
}
