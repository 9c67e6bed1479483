package talosctltest

import (
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
}

// reboot: talosctl itself waits for the node to be back and ready.
func (l *lab) reboot(machines map[string]*machine.Machine) {
	for _, address := range []string{w1, c2} {
		before := machines[address].Snapshot().BootID

		require.Contains(l.t, l.ok("-n", address, "reboot", "--timeout", "60s"), "post check passed")
		require.NotEqual(l.t, before, machines[address].Snapshot().BootID)
	}
}

// upgrade: the newer call with a drain, and the older one.
func (l *lab) upgrade(machines map[string]*machine.Machine) {
	require.Contains(l.t, l.ok("-n", w1, "upgrade", "-i", installer+":v1.13.4", "--timeout", "60s"), "node uncordoned")
	l.ok("-n", c3, "upgrade", "--legacy", "-i", installer+":v1.13.4", "--timeout", "60s")

	for _, address := range []string{w1, c3} {
		require.Equal(l.t, "v1.13.4", machines[address].Snapshot().TalosVersion)
	}
}

func (l *lab) upgradeKubernetes() {
	l.kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=60s")
	l.ok("upgrade-k8s", "--to", "1.36.3")
}

// reset: one node leaves gracefully, one loses its partitions, and the last member stays.
func (l *lab) reset(machines map[string]*machine.Machine) {
	l.ok("-n", c3, "reset", "--reboot", "--timeout", "60s")
	require.Contains(l.t, l.ok("-n", c3, "version", "--insecure"), "v1.13.0")
	require.NotContains(l.t, l.ok("etcd", "members"), c3)
	require.NotContains(l.t, l.ok("get", "members"), "c3")

	l.ok("-n", w1, "reset", "--graceful=false", "--reboot", "--timeout", "60s",
		"--system-labels-to-wipe", "STATE", "--system-labels-to-wipe", "EPHEMERAL")
	require.Contains(l.t, l.ok("-n", w1, "version", "--insecure"), "v1.13.4")

	l.ok("-n", c2, "reset", "--reboot", "--timeout", "60s")

	before := machines[c1].Snapshot().BootID

	l.refused("-n", c1, "reset", "--reboot", "--timeout", "60s")
	require.Equal(l.t, before, machines[c1].Snapshot().BootID)
	require.Contains(l.t, l.ok("etcd", "members"), c1)
}
