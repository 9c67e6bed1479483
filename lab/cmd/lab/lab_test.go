package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/folder"
)

// project is a working tree with one stack of two nodes and one release.
func project(t *testing.T) *lab {
	t.Helper()

	root := t.TempDir()
	for name, content := range map[string]string{
		"Pulumi.yaml": "name: phoebe\nruntime: nodejs\n",
		"Pulumi.lab.yaml": `config:
  phoebe:endpoint: https://10.204.70.8:6443
  phoebe:talosVersion: v1.13.3
  phoebe:kubernetesVersion: v1.36.3
  phoebe:nodes:
    - { hostname: c1, role: controlplane, address: 10.204.70.11 }
    - { hostname: w1, role: worker, address: 10.204.70.21 }
`,
		"apps/kube-system/cilium/release.yaml": "chart: cilium\nversion: 1.20.1\n",
		"lab/charts/cilium/Chart.yaml":         "apiVersion: v2\nname: cilium\nversion: 0.0.0\n",
	} {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}

	t.Setenv(rootVariable, root)

	l, err := (&options{}).open()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(root, ".lab"), l.folder.Path)

	return l
}

// begin takes the steps of a start that touch nothing but the memory.
func begin(t *testing.T, l *lab, o *options) (*started, []byte) {
	t.Helper()

	memory, err := l.folder.Recall()
	require.NoError(t, err)

	s := &started{lab: l, stack: defaultStack, memory: memory}
	require.NoError(t, s.remember(o))
	derived, err := s.derive()
	require.NoError(t, err)
	require.NoError(t, s.checkCharts())
	s.buyMachines()
	require.NoError(t, l.folder.Remember(memory))

	return s, derived
}

func TestWhatWasSetLastsUntilTheLabIsStopped(t *testing.T) {
	l := project(t)
	_, derived := begin(t, l, &options{set: []string{"kubernetesVersion=v1.35.4"}})
	require.Contains(t, string(derived), "phoebe:kubernetesVersion: v1.35.4")
	require.Contains(t, string(derived), "phoebe:endpoint: https://127.204.70.8:6443")
	_, derived = begin(t, l, &options{set: []string{"phoebe:workerLanes=2"}})
	require.Contains(t, string(derived), "phoebe:kubernetesVersion: v1.35.4")
	require.Contains(t, string(derived), "phoebe:workerLanes: 2")
	require.NoError(t, stop(&options{}, func(*lab) error { return nil }))
	_, derived = begin(t, l, &options{})
	require.Contains(t, string(derived), "phoebe:kubernetesVersion: v1.36.3")
	require.NotContains(t, string(derived), "workerLanes")
}

func TestAMachineIsBoughtOnce(t *testing.T) {
	l := project(t)
	bought := []folder.Machine{
		{Name: "c1", Address: "127.204.70.11", Arch: "amd64", Talos: "v1.13.3"},
		{Name: "w1", Address: "127.204.70.21", Arch: "amd64", Talos: "v1.13.3"},
	}
	s, _ := begin(t, l, &options{})
	require.Equal(t, bought, s.memory.Stack(defaultStack).Machines)
	// Its medium stays what it was, and one that is declared no longer stays until the stack has let it go.
	s, _ = begin(t, l, &options{set: []string{"talosVersion=v1.13.4", `nodes=[{hostname: c1, role: controlplane, address: 10.204.70.11}]`}})
	require.Equal(t, bought, s.memory.Stack(defaultStack).Machines)
}

func TestTheFactoryKeepsItsName(t *testing.T) {
	l := project(t)
	first, _ := begin(t, l, &options{})
	require.NoError(t, stop(&options{}, func(*lab) error { return nil }))
	second, _ := begin(t, l, &options{})
	require.Equal(t, first.memory.Factory, second.memory.Factory)
}

func TestAChartThatIsNotThereIsNamed(t *testing.T) {
	l := project(t)
	s, _ := begin(t, l, &options{})
	release := filepath.Join(l.root, "apps/web/site/release.yaml")
	require.NoError(t, os.MkdirAll(filepath.Dir(release), 0o755))
	require.NoError(t, os.WriteFile(release, []byte("chart: site\nversion: 1.0.0\n"), 0o644))
	require.ErrorContains(t, s.checkCharts(), "apps/web/site/release.yaml declares the chart site 1.0.0, and the lab has no such chart")
	s.memory.Archive = t.TempDir()
	require.ErrorContains(t, s.checkCharts(), s.memory.Archive)
}

func TestSettings(t *testing.T) {
	settings, err := (&options{set: []string{"a=b=c", "phoebe:d=", "other:e=1"}}).settings()
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "b=c", "d": "", "other:e": "1"}, settings)

	for _, wrong := range []string{"a", "=b"} {
		_, err := (&options{set: []string{wrong}}).settings()
		require.ErrorContains(t, err, "write <key>=<value>")
	}
}

func TestResetKeepsWhatWasBuilt(t *testing.T) {
	l := project(t)
	begin(t, l, &options{})
	tool := filepath.Join(l.folder.Path, "tools", "etcd-v3.6.8", "etcd")
	require.NoError(t, os.MkdirAll(filepath.Dir(tool), 0o755))
	require.NoError(t, os.WriteFile(tool, nil, 0o755))
	require.NoError(t, stop(&options{}, forget))
	require.FileExists(t, tool)
	require.NoFileExists(t, filepath.Join(l.folder.Path, "lab.json"))
	require.NoDirExists(t, l.folder.Machines())
}

func TestQuote(t *testing.T) {
	require.Equal(t, `'/a b/$c'`, quote("/a b/$c"))
	require.Equal(t, `'it'\''s'`, quote("it's"))
}

func TestAWorkingTreeIsNeeded(t *testing.T) {
	t.Setenv(rootVariable, t.TempDir())

	_, err := (&options{}).open()
	require.ErrorContains(t, err, "is not the working tree of the project")
}
