package talosctltest

import (
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine"
)

func (l *lab) applyConfigured() {
	require.Contains(l.t, l.ok("apply-config", "-f", "c1.yaml", "--dry-run"), "No changes.")

	l.ok("patch", "machineconfig", "--patch", `{"machine":{"sysctls":{"vm.swappiness":"1"}}}`)
	require.Contains(l.t, l.ok("get", "machineconfig", "-o", "yaml"), "vm.swappiness")

	l.ok("patch", "machineconfig", "--patch", `{"machine":{"kubelet":{"extraConfig":{"maxPods":99}}}}`)
	config, ok := l.resource(c1, "kubeletspec", "kubelet")["config"].(map[string]any)
	require.True(l.t, ok)
	require.EqualValues(l.t, 99, config["maxPods"])

	require.Contains(l.t,
		l.refused("patch", "machineconfig", "--mode", "no-reboot", "--patch", `{"machine":{"env":{"A":"b"}}}`),
		"can't be applied in immediate mode")

	l.kubelets()
}

// kubelets: one does not start with a feature gate that its version does not know yet.
func (l *lab) kubelets() {
	const gate = `{"machine":{"kubelet":{"extraConfig":{"featureGates":{"PodsAPI":true}}}}}`

	l.ok("-n", w1, "patch", "machineconfig", "--patch", gate)
	l.awaitOutput("going to restart forever", "-n", w1, "service", "kubelet")
	require.Contains(l.t, l.ok("-n", w1, "logs", "kubelet"), "unrecognized feature gate: PodsAPI")

	l.ok("-n", w1, "apply-config", "-f", "w1.yaml")
	l.awaitOutput("Running", "-n", w1, "service", "kubelet")
}

// reboot: talosctl itself waits for the node to be back and ready.
func (l *lab) reboot(machines map[string]*machine.Machine) {
	for _, address := range []string{w1, c2} {
		before := machines[address].Snapshot().BootID

		require.Contains(l.t, l.ok("-n", address, "reboot", "--timeout", "60s"), "post check passed")
		require.NotEqual(l.t, before, machines[address].Snapshot().BootID)
	}
}

// upgrade: from a version that has the older call alone, once with a fallback; then by the newer call with a drain, and
// back.
func (l *lab) upgrade(machines map[string]*machine.Machine) {
	require.NoError(l.t, machines[c3].Fault(l.t.Context(), machine.FaultFallback))
	l.ok("-n", c3, "upgrade", "-i", installer+":"+newTalos, "--timeout", "90s")
	require.Equal(l.t, oldTalos, machines[c3].Snapshot().TalosVersion)

	for _, address := range []string{c1, c2, c3, w1} {
		output := l.ok("-n", address, "upgrade", "-i", installer+":"+newTalos, "--timeout", "90s")
		require.Contains(l.t, output, "falling back to legacy")
		require.Equal(l.t, newTalos, machines[address].Snapshot().TalosVersion)
	}

	require.Contains(l.t, l.ok("-n", w1, "upgrade", "-i", installer+":"+newerTalos, "--timeout", "90s"), "node uncordoned")
	require.Equal(l.t, newerTalos, machines[w1].Snapshot().TalosVersion)

	l.ok("-n", w1, "rollback")
	l.awaitOutput("Tag:         "+newTalos, "-n", w1, "version")
	require.Equal(l.t, 2, machines[w1].Snapshot().Upgrades)
}

// upgradeKubernetes: first without the kubelets, then with them.
func (l *lab) upgradeKubernetes() {
	kubelets := func() []string {
		return slices.Compact(strings.Fields(l.kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.nodeInfo.kubeletVersion}")))
	}

	l.kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=60s")
	l.ok("upgrade-k8s", "--to", newKubernetes, "--upgrade-kubelet=false")
	require.Contains(l.t, l.kubectl("version"), "Server Version: v"+newKubernetes)
	require.Equal(l.t, []string{"v" + oldKubernetes}, kubelets())

	l.ok("upgrade-k8s", "--from", oldKubernetes, "--to", newKubernetes)
	require.Equal(l.t, []string{"v" + newKubernetes}, kubelets())
}

// reset: one node leaves gracefully, one loses its partitions, one is removed by the others, and the last member stays.
func (l *lab) reset(machines map[string]*machine.Machine) {
	l.ok("-n", c3, "reset", "--reboot", "--timeout", "60s")
	require.Contains(l.t, l.ok("-n", c3, "version", "--insecure"), oldTalos)
	require.NotContains(l.t, l.ok("etcd", "members"), c3)
	require.NotContains(l.t, l.ok("get", "members"), "c3")

	l.ok("-n", w1, "reset", "--graceful=false", "--reboot", "--timeout", "60s",
		"--system-labels-to-wipe", "STATE", "--system-labels-to-wipe", "EPHEMERAL")
	require.Contains(l.t, l.ok("-n", w1, "version", "--insecure"), newTalos)

	l.ok("-n", c1, "etcd", "remove-member", l.memberID(c2))
	require.NotContains(l.t, l.ok("etcd", "members"), c2)
	l.ok("-n", c2, "reset", "--graceful=false", "--reboot", "--timeout", "60s")

	before := machines[c1].Snapshot().BootID

	l.refused("-n", c1, "reset", "--reboot", "--timeout", "60s")
	require.Equal(l.t, before, machines[c1].Snapshot().BootID)
	require.Contains(l.t, l.ok("etcd", "members"), c1)

	for _, m := range machines {
		for _, absence := range m.Snapshot().Absences {
			require.True(l.t, absence.Until != nil || m == machines[c1], "%s: %+v", m.Snapshot().Name, absence)
		}
	}
}

// memberID reads an etcd member's ID from talosctl's table.
func (l *lab) memberID(address string) string {
	l.t.Helper()

	for line := range strings.SplitSeq(l.ok("-n", c1, "etcd", "members"), "\n") {
		if strings.Contains(line, address) {
			return strings.Fields(line)[1]
		}
	}

	l.t.Fatalf("no etcd member at %s", address)

	return ""
}
