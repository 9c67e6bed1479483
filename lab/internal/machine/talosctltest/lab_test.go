// Package talosctltest runs an unmodified talosctl against simulated machines on which
// real etcd and Kubernetes run: the machines follow Talos, not the lab's expectations.
package talosctltest

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/machine"
)

const (
	factory   = "factory.talos.dev/metal-installer/"
	schematic = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
	installer = factory + schematic

	// The lab begins with these, and is upgraded to the others.
	oldTalos, newTalos, newerTalos = "v1.12.5", "v1.13.3", "v1.13.4"
	oldKubernetes, newKubernetes   = "1.35.4", "1.36.3"

	patience = 180 * time.Second
	interval = 100 * time.Millisecond
)

// lab is a cluster of simulated machines, and the folder of an owner's files.
type lab struct {
	t      *testing.T
	tools  string
	dir    string
	fabric *machine.Fabric
}

func newLab(t *testing.T) *lab {
	t.Helper()

	tools := os.Getenv("PHOEBE_TOOLS")
	if tools == "" {
		t.Fatal("set PHOEBE_TOOLS to a folder with talosctl and kubectl, and a folder of each Kubernetes version: npm run lab -- build --link <folder>")
	}

	l := &lab{t: t, tools: tools, dir: t.TempDir()}
	l.fabric = machine.NewFabric(machine.FabricOptions{
		Dir: t.TempDir(),
		Log: t.Logf,
		Binaries: func(version string) (controlplane.Binaries, error) {
			in := func(name string) string { return filepath.Join(tools, "v"+version, name) }

			return controlplane.Binaries{
				Etcd: in("etcd"), Etcdutl: in("etcdutl"), APIServer: in("kube-apiserver"),
				ControllerManager: in("kube-controller-manager"), Scheduler: in("kube-scheduler"),
			}, nil
		},
	})
	t.Cleanup(func() { require.NoError(t, l.fabric.Close()) })

	return l
}

// node puts a machine on the fabric and writes its config.
func (l *lab) node(name, address, role string) *machine.Machine {
	l.t.Helper()

	m, err := l.fabric.Add(machine.Options{
		Name: name, Address: netip.MustParseAddr(address), Arch: "amd64", MediumVersion: oldTalos,
	})
	require.NoError(l.t, err)

	hostname := `{"apiVersion":"v1alpha1","kind":"HostnameConfig","hostname":"` + name + `","auto":"off"}`
	l.ok("machineconfig", "patch", role+".yaml", "--patch", hostname, "-o", name+".yaml")

	return m
}

// run runs talosctl in the owner's folder.
func (l *lab) run(args ...string) (string, error) { return l.tool("talosctl", args...) }

func (l *lab) tool(name string, args ...string) (string, error) {
	l.t.Helper()

	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()

	cmd := exec.CommandContext(ctx, filepath.Join(l.tools, name), args...)
	cmd.Dir = l.dir
	cmd.Env = []string{"HOME=" + l.dir, "TALOSCONFIG=" + filepath.Join(l.dir, "talosconfig"), "KUBECONFIG=" + filepath.Join(l.dir, "kubeconfig")}
	output, err := cmd.CombinedOutput()

	return string(output), err
}

// ok runs talosctl, which has to succeed.
func (l *lab) ok(args ...string) string {
	l.t.Helper()

	output, err := l.run(args...)
	require.NoError(l.t, err, "talosctl %s\n%s", strings.Join(args, " "), output)

	return output
}

// refused runs talosctl, which has to fail.
func (l *lab) refused(args ...string) string {
	l.t.Helper()

	output, err := l.run(args...)
	require.Error(l.t, err, "talosctl %s\n%s", strings.Join(args, " "), output)

	return output
}

// await runs talosctl until it succeeds.
func (l *lab) await(args ...string) {
	l.t.Helper()

	require.Eventually(l.t, func() bool {
		_, err := l.run(args...)

		return err == nil
	}, patience, interval, "talosctl %s", strings.Join(args, " "))
}

// awaitOutput runs talosctl until its output contains a text.
func (l *lab) awaitOutput(text string, args ...string) {
	l.t.Helper()

	require.Eventually(l.t, func() bool {
		output, err := l.run(args...)

		return err == nil && strings.Contains(output, text)
	}, patience, interval, "talosctl %s: %s", strings.Join(args, " "), text)
}

// kubectl runs kubectl, which has to succeed.
func (l *lab) kubectl(args ...string) string {
	l.t.Helper()

	output, err := l.tool("kubectl", args...)
	require.NoError(l.t, err, "kubectl %s\n%s", strings.Join(args, " "), output)

	return output
}

// resource gets one resource's spec as talosctl prints it.
func (l *lab) resource(node string, names ...string) map[string]any {
	l.t.Helper()

	output := l.ok(append([]string{"-n", node, "get", "-o", "json"}, names...)...)

	var document struct {
		Spec map[string]any `json:"spec"`
	}

	// Before it there may be a warning: the client is newer than the node.
	_, text, _ := strings.Cut(output, "{")
	require.NoError(l.t, json.Unmarshal([]byte("{"+text), &document), output)

	return document.Spec
}
