package talosctltest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/machine"
)

const (
	c1 = "127.201.2.1"
	c2 = "127.201.2.2"
	c3 = "127.201.2.3"
	w1 = "127.201.2.11"
)

// cni is a DaemonSet that the simulated kubelet takes for a CNI.
const cni = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cni, namespace: kube-system}
spec:
  selector: {matchLabels: {app: cni}}
  template:
    metadata: {labels: {app: cni}}
    spec:
      hostNetwork: true
      tolerations: [{operator: Exists}]
      containers: [{name: cni, image: "example/cni:v1", volumeMounts: [{name: cni, mountPath: /cni}]}]
      volumes: [{name: cni, hostPath: {path: /etc/cni/net.d}}]
`

// TestFlows takes four machines through an owner's day, one flow after the other.
func TestFlows(t *testing.T) {
	l := newLab(t)

	l.ok("gen", "config", "test", "https://"+c1+":6443", "-o", ".",
		"--talos-version", "v1.12", "--install-image", installer+":"+oldTalos, "--install-disk", "/dev/sda", "--kubernetes-version", oldKubernetes,
		"--config-patch", `{"cluster":{"network":{"cni":{"name":"none"}},"proxy":{"disabled":true}}}`)
	l.ok("config", "endpoint", c1, c2, c3)
	l.ok("config", "node", c1)

	machines := map[string]*machine.Machine{
		c1: l.node("c1", c1, "controlplane"), c2: l.node("c2", c2, "controlplane"), c3: l.node("c3", c3, "controlplane"), w1: l.node("w1", w1, "worker"),
	}

	for _, flow := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"maintenance", func(t *testing.T) { l.maintenance() }},
		{"apply-config --insecure", func(t *testing.T) { l.applyInsecure(machines) }},
		{"bootstrap", func(t *testing.T) { l.bootstrap() }},
		{"kubeconfig", func(t *testing.T) { l.kubeconfig() }},
		{"observation", func(t *testing.T) { l.observation() }},
		{"health", func(t *testing.T) { l.health() }},
		{"etcd", func(t *testing.T) { l.etcd() }},
		{"apply-config", func(t *testing.T) { l.applyConfigured() }},
		{"reboot", func(t *testing.T) { l.reboot(machines) }},
		{"upgrade", func(t *testing.T) { l.upgrade(machines) }},
		{"upgrade-k8s", func(t *testing.T) { l.upgradeKubernetes() }},
		{"drain", func(t *testing.T) { l.drain(machines) }},
		{"faults", func(t *testing.T) { l.faults(machines) }},
		{"reset", func(t *testing.T) { l.reset(machines) }},
		{"recovery", func(t *testing.T) { l.recovery() }},
	} {
		if !t.Run(flow.name, func(t *testing.T) { l.t = t; flow.run(t) }) {
			t.FailNow()
		}
	}
}

func (l *lab) maintenance() {
	l.await("-n", c1, "version", "--insecure")
	require.Contains(l.t, l.ok("-n", c1, "version", "--insecure"), oldTalos)
	require.Contains(l.t, l.ok("-n", c1, "get", "disks", "--insecure"), "nvme0n1")
	require.Contains(l.t, l.ok("-n", c1, "get", "machinestatus", "--insecure"), "maintenance")

	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, "bad.yaml"), []byte("machine: {type: neither}\n"), 0o600))
	require.Contains(l.t, l.refused("-n", c1, "apply-config", "--insecure", "-f", "bad.yaml"), "InvalidArgument")
	require.Contains(l.t, l.ok("-n", c1, "apply-config", "--insecure", "-f", "c1.yaml", "--dry-run"), "Dry run summary")
}

func (l *lab) applyInsecure(machines map[string]*machine.Machine) {
	for name, address := range map[string]string{"c1": c1, "c2": c2, "c3": c3, "w1": w1} {
		l.await("-n", address, "version", "--insecure")
		l.ok("-n", address, "apply-config", "--insecure", "-f", name+".yaml")
	}

	for _, m := range machines {
		require.Eventually(l.t, func() bool { return m.Snapshot().Configured }, patience, interval)
	}

	l.await("version")
	require.Regexp(l.t, `Tag:\s+`+oldTalos, l.ok("version"))
	l.refused("-n", c1, "get", "disks", "--insecure")
}

func (l *lab) bootstrap() {
	require.Contains(l.t, l.refused("-n", w1, "bootstrap"), "Unimplemented")
	require.Contains(l.t, l.refused("ls", "/var/lib/etcd/member"), "no such file or directory")
	l.await("bootstrap")
	require.Contains(l.t, l.refused("bootstrap"), "AlreadyExists")
	require.Contains(l.t, l.ok("ls", "/var/lib/etcd"), "member")
}

func (l *lab) kubeconfig() {
	l.ok("kubeconfig", "kubeconfig", "--force")

	require.Eventually(l.t, func() bool {
		output, err := l.tool("kubectl", "get", "nodes", "-o", "name")

		return err == nil && strings.Count(output, "node/") == 4
	}, patience, interval)

	require.NotContains(l.t, l.kubectl("get", "nodes", "--no-headers"), " Ready ", "no node is ready without a CNI")

	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, "cni.yaml"), []byte(cni), 0o600))
	l.kubectl("apply", "-f", "cni.yaml")
	l.kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=60s")
}

func (l *lab) observation() {
	require.Regexp(l.t, `etcd\s+Running\s+OK`, l.ok("services"))
	require.Regexp(l.t, `STATE\s+Running`, l.ok("service", "kubelet"))
	require.Contains(l.t, l.ok("dmesg"), "[talos] service[etcd](Running)")
	require.NotEmpty(l.t, l.ok("logs", "etcd", "--tail", "1"))
	require.NotEmpty(l.t, l.ok("logs", "-k", "kube-system/kube-scheduler-c1:kube-scheduler", "--tail", "1"))
	require.Contains(l.t, l.ok("containers", "-k"), "registry.k8s.io/kube-apiserver:v"+oldKubernetes)

	members := l.ok("get", "members")
	for _, name := range []string{"c1", "c2", "c3", "w1"} {
		require.Contains(l.t, members, name)
	}

	require.Contains(l.t, l.ok("-n", w1, "get", "machineconfig", "-o", "yaml"), "hostname: w1")
	require.Equal(l.t, "registry.k8s.io/kube-apiserver:v"+oldKubernetes, l.resource(c1, "apiserverconfig")["image"])
	require.Contains(l.t, l.ok("get", "extensions"), schematic)
	require.Contains(l.t, l.ok("-n", strings.Join([]string{c1, c2, c3, w1}, ","), "memory"), w1)
	require.Contains(l.t, l.refused("-e", w1, "-n", c1, "version"), "PermissionDenied")

	// A worker knows every API server, and a control plane node is asked through another one.
	for _, address := range []string{c1, c2, c3} {
		l.awaitOutput(address, "-e", w1, "-n", w1, "get", "endpoints", "-o", "json")
	}

	require.Contains(l.t, l.ok("-e", c1, "-n", c2, "get", "nodeaddress", "routed-no-k8s", "-o", "json"), c2+"/8")
}

func (l *lab) health() {
	require.Contains(l.t, l.ok("health", "--server=false", "--wait-timeout", "60s"), "all k8s nodes to report schedulable: OK")
	require.Contains(l.t, l.ok("health", "--wait-timeout", "60s"), "all k8s nodes to report schedulable: OK")
}

func (l *lab) etcd() {
	members := l.ok("etcd", "members")
	for _, address := range []string{c1, c2, c3} {
		require.Contains(l.t, members, "https://"+address+":2380")
	}

	require.Contains(l.t, l.ok("etcd", "status"), "3.6")
	require.Contains(l.t, l.ok("-e", c1, "-n", c2, "etcd", "status"), c2)
	require.Contains(l.t, l.refused("-e", c1, "-n", "127.201.2.9", "etcd", "status"), "Unavailable")
	require.Contains(l.t, l.ok("etcd", "snapshot", "etcd.db"), "snapshot info")
	l.verifySnapshot("etcd.db")
	l.ok("etcd", "alarm", "list")
	l.ok("etcd", "forfeit-leadership")

	l.ok("-n", c2, "etcd", "leave")
	require.NotContains(l.t, l.ok("etcd", "members"), c2)
	l.ok("-n", c2, "reboot", "--timeout", "60s")
	l.awaitOutput(c2, "etcd", "members")
	require.Contains(l.t, l.ok("-n", c2, "etcd", "status"), "3.6")
}
