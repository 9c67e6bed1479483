package controlplanetest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"phoebe.dev/lab/internal/controlplane"
)

type writer = io.Writer

// Binaries gives the programs in the folder that PHOEBE_TOOLS names, whatever the version.
func Binaries(t *testing.T) func(string) (controlplane.Binaries, error) {
	t.Helper()

	folder := os.Getenv("PHOEBE_TOOLS")
	if folder == "" {
		t.Fatal("set PHOEBE_TOOLS to a folder with etcd, kube-apiserver, kube-controller-manager and kube-scheduler")
	}

	return func(version string) (controlplane.Binaries, error) {
		if version != KubernetesVersion {
			return controlplane.Binaries{}, fmt.Errorf("no Kubernetes %q here, only %s", version, KubernetesVersion)
		}

		path := func(name string) string { return filepath.Join(folder, name) }

		return controlplane.Binaries{
			Etcd: path("etcd"), Etcdutl: path("etcdutl"), APIServer: path("kube-apiserver"), ControllerManager: path("kube-controller-manager"),
			Scheduler: path("kube-scheduler"),
		}, nil
	}
}
