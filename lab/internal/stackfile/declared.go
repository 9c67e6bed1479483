package stackfile

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// Node is what the lab needs to know of a declared node to have a machine for it.
type Node struct {
	Hostname string     `yaml:"hostname"`
	Role     string     `yaml:"role"`
	Address  netip.Addr `yaml:"address"`
	Arch     string     `yaml:"arch"`
}

// Declared is what the lab needs to know of a derived stack.
type Declared struct {
	Nodes             []Node
	Endpoint          netip.AddrPort
	TalosVersion      string
	TalosContract     string
	KubernetesVersion string
	Apps              []string // folders, relative to the project
	Patches           string   // folder, relative to the project
	SecretsTemplate   string   // relative to the project; "" where the stack makes its secrets itself
}

func (f *File) declared() (*Declared, error) {
	declared := &Declared{
		TalosVersion: f.text("talosVersion"), TalosContract: f.text("talosContract"), KubernetesVersion: f.text("kubernetesVersion"),
		Patches: cmp.Or(f.text("patches"), "patches"),
	}
	if secrets := f.get("secrets"); scalar(secrets, "source") == "onepassword" {
		declared.SecretsTemplate = cmp.Or(scalar(secrets, "template"), "talsecret.yaml")
	}

	for key, value := range map[string]string{"talosVersion": declared.TalosVersion, "kubernetesVersion": declared.KubernetesVersion} {
		if value == "" {
			return nil, fmt.Errorf("%s: %s%s is missing", f.path, namespace, key)
		}
	}

	var err error
	if declared.Apps, err = f.folders("apps"); err != nil {
		return nil, err
	}

	if err := f.get("nodes").Decode(&declared.Nodes); err != nil {
		return nil, fmt.Errorf("%s: %snodes: %w", f.path, namespace, err)
	}

	endpoint, err := url.Parse(f.text("endpoint"))
	if err != nil {
		return nil, err
	}

	if declared.Endpoint, err = netip.ParseAddrPort(endpoint.Host); err != nil {
		return nil, fmt.Errorf("%s: %sendpoint: %w", f.path, namespace, err)
	}

	return declared, f.unambiguous(declared.Nodes)
}

// unambiguous: two machines cannot share a name or, once moved, an address.
func (f *File) unambiguous(nodes []Node) error {
	names, taken := map[string]bool{}, map[netip.Addr]string{}

	for i := range nodes {
		node := &nodes[i]
		if node.Hostname == "" || names[node.Hostname] {
			return fmt.Errorf("%s: %snodes[%d]: the hostname %q is missing or given twice", f.path, namespace, i, node.Hostname)
		}

		if other, twice := taken[node.Address]; twice {
			return fmt.Errorf("%s: %s and %s would both be %s in the lab, which swaps the first octet for 127: give one of them another address with --set nodes=…",
				f.path, other, node.Hostname, node.Address)
		}

		names[node.Hostname], taken[node.Address] = true, node.Hostname
		if node.Arch == "" {
			node.Arch = "amd64"
		}
	}

	return nil
}

// folders is a key that holds one folder or several; without it, the folder that is named like it.
func (f *File) folders(key string) ([]string, error) {
	value := f.get(key)
	if value == nil || value.Kind == yaml.ScalarNode {
		return []string{cmp.Or(f.text(key), key)}, nil
	}

	var folders []string
	if err := value.Decode(&folders); err != nil {
		return nil, fmt.Errorf("%s: %s%s: %w", f.path, namespace, key, err)
	}

	return folders, nil
}

// Release is a chart that the stack declares, and where.
type Release struct {
	File    string `yaml:"-"`
	Chart   string `yaml:"chart"`
	Version string `yaml:"version"`
}

// Releases reads the release.yaml files under folders of apps.
func Releases(apps []string) ([]Release, error) {
	var files []string

	for _, folder := range apps {
		found, err := filepath.Glob(filepath.Join(folder, "*", "*", "release.yaml"))
		if err != nil {
			return nil, err
		}

		files = append(files, found...)
	}

	releases := make([]Release, 0, len(files))
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}

		release := Release{File: path}
		if err := yaml.Unmarshal(content, &release); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}

		if release.Chart == "" || release.Version == "" {
			return nil, fmt.Errorf("%s: chart or version is missing", path)
		}

		releases = append(releases, release)
	}

	return releases, nil
}
