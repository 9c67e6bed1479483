package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"phoebe.dev/lab/internal/progress"
	"phoebe.dev/lab/internal/tools"
)

// shelf has a module that stands for Kubernetes's, and Go alone on PATH, so that no real program is found.
func shelf(t *testing.T) *registry {
	t.Helper()

	compiler, err := exec.LookPath("go")
	require.NoError(t, err)
	t.Setenv("PATH", t.TempDir())
	require.NoError(t, os.Symlink(compiler, filepath.Join(os.Getenv("PATH"), "go")))

	modules := t.TempDir()
	for path, content := range map[string]string{
		"kubernetes-1.36/go.mod":                               "module tools/kubernetes\n\ngo 1.24\n\nrequire k8s.io/kubernetes v1.36.3\n\nreplace k8s.io/kubernetes => ./source\n",
		"kubernetes-1.36/source/go.mod":                        "module k8s.io/kubernetes\n\ngo 1.24\n",
		"kubernetes-1.36/source/cmd/kube-apiserver/main.go":    "package main\n\nfunc main() {}\n",
		"kubernetes-1.36/source/cmd/kube-scheduler/nothing.go": "package main\n",
	} {
		at := filepath.Join(modules, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		require.NoError(t, os.WriteFile(at, []byte(content), 0o644))
	}

	return &registry{
		Context: t.Context(), images: func(ref string) error { return errors.New("not here: " + ref) },
		lab: &lab{tools: &tools.Store{Modules: modules, Cache: t.TempDir(), Progress: progress.Plain(t.Output())}},
	}
}

func TestAPullBuildsWhatWasNeverBuilt(t *testing.T) {
	r := shelf(t)
	tool := r.tools.Kubernetes("kube-apiserver", "v1.36.3")
	_, err := r.have(tool)
	require.ErrorContains(t, err, "is being built")
	require.NoError(t, r.Pullable("registry.k8s.io/kube-apiserver:v1.36.3"))
	at, err := r.have(tool)
	require.NoError(t, err)
	require.FileExists(t, at)
	require.NoError(t, r.Pullable("registry.k8s.io/kube-apiserver:v1.36.3@sha256:0"))
}

func TestAPullThatCannotBeBuiltSaysWhy(t *testing.T) {
	r := shelf(t)
	require.ErrorContains(t, r.Pullable("registry.k8s.io/kube-scheduler:v1.36.3"), "cannot build kube-scheduler v1.36.3")
	require.ErrorContains(t, r.Pullable("registry.k8s.io/kube-apiserver:v1.34.0"), "cannot be built")
	require.ErrorContains(t, r.Pullable("ghcr.io/siderolabs/kubelet:v1.36.3"), "not here", "all else is asked of the other registries")
}
