package talosctltest

import (
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine"
)

// web is a Deployment that runs on the worker as long as it can.
const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{operator: Exists, key: node-role.kubernetes.io/control-plane}]
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - {weight: 100, preference: {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [w1]}]}}
      containers: [{name: web, image: "example/web:v1"}]
`

// drain: a budget holds an eviction up as long as the fault lasts; what is evicted then runs elsewhere.
func (l *lab) drain(machines map[string]*machine.Machine) {
	nodeOfWeb := func() string {
		return l.kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}")
	}

	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, "web.yaml"), []byte(web), 0o600))
	l.kubectl("apply", "-f", "web.yaml")
	l.kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
	require.Equal(l.t, "w1", nodeOfWeb())

	require.NoError(l.t, machines[w1].Fault(l.t.Context(), machine.FaultBlockDrain))
	l.kubectl("wait", "--for=jsonpath={.status.expectedPods}=1", "poddisruptionbudget", "--all", "--timeout=60s")

	output, err := l.tool("kubectl", "drain", "w1", "--ignore-daemonsets", "--timeout=7s")
	require.Error(l.t, err)
	require.Contains(l.t, output, "would violate the pod's disruption budget")
	require.Equal(l.t, "w1", nodeOfWeb())

	require.NoError(l.t, machines[w1].Fault(l.t.Context(), machine.FaultMend))
	l.kubectl("drain", "w1", "--ignore-daemonsets", "--timeout=60s")
	l.kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
	require.NotEqual(l.t, "w1", nodeOfWeb())
	l.kubectl("uncordon", "w1")
}

// faults that need a real etcd and API server.
func (l *lab) faults(machines map[string]*machine.Machine) {
	require.NoError(l.t, machines[c2].Fault(l.t.Context(), machine.FaultLoseEtcd))
	require.NotContains(l.t, l.ok("etcd", "members"), c2)
	l.refused("-n", c2, "etcd", "status")
	require.NoError(l.t, machines[c2].Fault(l.t.Context(), machine.FaultMend))
	l.awaitOutput(c2, "etcd", "members")
	l.await("-n", c2, "etcd", "status")
	l.awaitBack(machines[c2], "etcd lost")

	require.NoError(l.t, machines[c3].Fault(l.t.Context(), machine.FaultDrop))
	l.refused("-n", c3, "version")
	l.kubectl("wait", "--for=condition=Ready=unknown", "node/c3", "--timeout=60s")
	require.NoError(l.t, machines[c3].Fault(l.t.Context(), machine.FaultMend))
	l.kubectl("wait", "--for=condition=Ready", "node/c3", "--timeout=60s")
	l.awaitBack(machines[c3], "drop")
}

// awaitBack waits until a machine's last absence, which has that reason, is over.
func (l *lab) awaitBack(m *machine.Machine, why string) {
	l.t.Helper()

	require.Eventually(l.t, func() bool {
		absences := m.Snapshot().Absences
		last := absences[len(absences)-1]

		return last.Why == why && last.Until != nil
	}, patience, interval, "%s is not back from: %s", m.Snapshot().Name, why)
}
