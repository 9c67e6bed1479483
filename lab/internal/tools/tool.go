// Package tools has the real programs of the lab at the versions that the modules under lab/tools name: from the cache, from PATH, or built.
package tools

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// Tool is one program at one version, and how to build it.
type Tool struct {
	Name    string
	Version string // as Go writes versions: v1.36.3

	module  string // folder of the Go module that pins it
	source  string // package that is built
	ldflags []string
	ask     []string // arguments with which it tells its version
	beside  []string // programs without which it is of no use, in the same folder
}

// Pulumi is the CLI with the engine in it.
func (s *Store) Pulumi() (Tool, error) {
	const module = "github.com/pulumi/pulumi/pkg/v3"

	version, err := s.pinned("pulumi", module)

	return Tool{
		Name: "pulumi", Version: version, module: s.folder("pulumi"), source: module + "/cmd/pulumi",
		ldflags: []string{"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + version},
		ask:     []string{"version"}, beside: []string{"pulumi-language-nodejs"},
	}, err
}

// Talosctl is the Talos client.
func (s *Store) Talosctl() (Tool, error) {
	const module = "github.com/siderolabs/talos"

	version, err := s.pinned("talosctl", module)

	return Tool{
		Name: "talosctl", Version: version, module: s.folder("talosctl"), source: module + "/cmd/talosctl",
		ask: []string{"version", "--client"},
	}, err
}

// Etcd is the etcd server.
func (s *Store) Etcd() (Tool, error) {
	const module = "go.etcd.io/etcd/server/v3"

	version, err := s.pinned("etcd", module)

	return Tool{Name: "etcd", Version: version, module: s.folder("etcd"), source: module, ask: []string{"--version"}}, err
}

// Etcdutl makes etcd's data out of a snapshot.
func (s *Store) Etcdutl() (Tool, error) {
	const module = "go.etcd.io/etcd/etcdutl/v3"

	version, err := s.pinned("etcd", module)

	return Tool{Name: "etcdutl", Version: version, module: s.folder("etcd"), source: module, ask: []string{"version"}}, err
}

// Kubernetes is one of Kubernetes's programs at a version that a module pins.
func (s *Store) Kubernetes(name, version string) Tool {
	const module = "k8s.io/kubernetes"

	folder := "kubernetes-" + strings.TrimPrefix(semver.MajorMinor(version), "v")

	tool := Tool{
		Name: name, Version: version, source: module + "/cmd/" + name,
		ldflags: kubernetesVersion(version), ask: []string{"--version"},
	}
	if name == "kubectl" {
		tool.ask = []string{"version", "--client"}
	}

	if pinned, err := s.pinned(folder, module); err == nil && pinned == version {
		tool.module = s.folder(folder)
	}

	return tool
}

// kubernetesVersion stamps what Kubernetes's own build stamps: without, clients cannot parse the version that a server reports.
func kubernetesVersion(version string) []string {
	const variable = "-X k8s.io/component-base/version."

	major, minor, _ := strings.Cut(strings.TrimPrefix(semver.MajorMinor(version), "v"), ".")

	return []string{variable + "gitVersion=" + version, variable + "gitMajor=" + major, variable + "gitMinor=" + minor}
}

// KubernetesVersions are those that can be built here.
func (s *Store) KubernetesVersions() []string {
	var versions []string

	folders, _ := filepath.Glob(s.folder("kubernetes-*")) // the pattern is well-formed
	for _, folder := range folders {
		if version, err := s.pinned(filepath.Base(folder), "k8s.io/kubernetes"); err == nil {
			versions = append(versions, version)
		}
	}

	semver.Sort(versions)

	return versions
}

func (s *Store) folder(name string) string { return filepath.Join(s.Modules, name) }

// pinned reads the version of a module from the one place that states it.
func (s *Store) pinned(folder, module string) (string, error) {
	path := filepath.Join(s.folder(folder), "go.mod")

	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}

	file, err := modfile.Parse(path, content, nil)
	if err != nil {
		return "", err
	}

	for _, require := range file.Require {
		if require.Mod.Path == module {
			return require.Mod.Version, nil
		}
	}

	return "", fmt.Errorf("%s requires no %s: add it with `go get -tool`", path, module)
}
