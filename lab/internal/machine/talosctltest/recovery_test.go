package talosctltest

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"
)

// recovery takes the last control plane node's data away and brings it back out of a snapshot: one with etcd's digest, and a mere copy of its database.
func (l *lab) recovery() {
	const kept, later = "configmap/kept", "configmap/later"

	l.kubectl("create", "configmap", "kept")
	l.ok("-n", c1, "etcd", "snapshot", "whole.db")

	content, err := os.ReadFile(filepath.Join(l.dir, "whole.db"))
	require.NoError(l.t, err)
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, "copy.db"), content[:len(content)-sha256.Size], 0o600))

	require.Contains(l.t, l.refused("-n", c1, "bootstrap", "--recover-from", "whole.db"), "AlreadyExists")

	for _, from := range [][]string{{"whole.db"}, {"copy.db", "--recover-skip-hash-check"}} {
		l.kubectl("create", "configmap", "later")
		l.ok("-n", c1, "reset", "--graceful=false", "--reboot", "--timeout", "60s", "--system-labels-to-wipe", "EPHEMERAL")
		l.awaitOutput("Preparing", "-n", c1, "service", "etcd")

		l.ok(append([]string{"-n", c1, "bootstrap", "--recover-from"}, from...)...)
		require.Eventually(l.t, func() bool {
			output, err := l.tool("kubectl", "get", "configmap", "-o", "name")

			return err == nil && strings.Contains(output, kept) && !strings.Contains(output, later)
		}, patience, interval)
		require.Equal(l.t, 1, strings.Count(l.ok("-n", c1, "etcd", "members"), ":2380"))
		require.NotContains(l.t, l.ok("-n", c1, "ls", "/var/lib"), "etcd.snapshot")
	}
}
