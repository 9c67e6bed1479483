package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"phoebe.dev/lab/internal/controlplane"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/stackfile"
	"phoebe.dev/lab/internal/tools"
)

func buildCommand(o *options) *cobra.Command {
	var link string

	command := &cobra.Command{
		Use: "build", Short: "Builds all that the lab needs, and nothing else",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			l, err := o.open()
			if err != nil {
				return err
			}

			settings, err := o.settings()
			if err != nil {
				return err
			}

			version, err := l.kubernetesVersion(o.stack, settings)
			if err != nil {
				return err
			}

			if err := l.build(command.Context(), version, l.folder); err != nil || link == "" {
				return err
			}

			return l.linkAll(command.Context(), version, link)
		},
	}
	command.Flags().StringVar(&link, "link", "", "a folder that then has a link to each of the programs, and to those of every Kubernetes version in a folder named by it")

	return command
}

// linkAll links the programs of a version, and Kubernetes's of every version that can be built, which are built if they are not.
func (l *lab) linkAll(ctx context.Context, kubernetesVersion, into string) error {
	if err := l.link(ctx, kubernetesVersion, into); err != nil {
		return err
	}

	for _, version := range l.tools.KubernetesVersions() {
		if err := l.build(ctx, version, l.folder); err != nil {
			return err
		}

		if err := l.link(ctx, version, filepath.Join(into, version)); err != nil {
			return err
		}
	}
	// The commands of this lab are those of its own version.
	return l.build(ctx, kubernetesVersion, l.folder)
}

// link makes the folder hold every program of a version, and nothing older.
func (l *lab) link(ctx context.Context, kubernetesVersion, into string) error {
	wanted, err := l.wanted(kubernetesVersion)
	if err != nil {
		return err
	}

	if err := os.MkdirAll(into, 0o700); err != nil {
		return err
	}

	for _, tool := range wanted {
		path, err := l.tools.Require(ctx, tool)
		if err != nil {
			return err
		}

		if err := relink(path, filepath.Join(into, tool.Name)); err != nil {
			return err
		}
	}

	return nil
}

// kubernetesVersion is the one that a stack declares, unless it is set.
func (l *lab) kubernetesVersion(stack string, settings map[string]string) (string, error) {
	if stack == "" {
		stack = defaultStack
	}

	file, err := stackfile.Read(filepath.Join(l.root, "Pulumi."+stack+".yaml"))
	if err != nil {
		return "", err
	}

	declared, err := file.Derive(stackfile.Lab{ImageFactoryURL: "http://127.0.0.1", ChartMirror: "http://127.0.0.1", Set: settings})
	if err != nil {
		return "", err
	}

	return declared.KubernetesVersion, nil
}

// build has every program at hand, and links those that a person may call.
func (l *lab) build(ctx context.Context, kubernetesVersion string, f folder.Folder) error {
	wanted, err := l.wanted(kubernetesVersion)
	if err != nil {
		return err
	}

	for _, tool := range wanted {
		path, err := l.tools.Ensure(ctx, tool)
		if err != nil {
			return err
		}

		if slices.Contains([]string{"talosctl", "kubectl"}, tool.Name) {
			if err := relink(path, filepath.Join(f.Commands(), tool.Name)); err != nil {
				return err
			}
		}
	}

	return nil
}

// kubernetesPrograms of one version.
var kubernetesPrograms = []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"}

func (l *lab) wanted(kubernetesVersion string) ([]tools.Tool, error) {
	var wanted []tools.Tool

	for _, of := range []func() (tools.Tool, error){l.tools.Pulumi, l.tools.Talosctl, l.tools.Etcd, l.tools.Etcdutl} {
		tool, err := of()
		if err != nil {
			return nil, err
		}

		wanted = append(wanted, tool)
	}

	for _, name := range kubernetesPrograms {
		wanted = append(wanted, l.tools.Kubernetes(name, kubernetesVersion))
	}

	return wanted, nil
}

// binaries finds what a control plane node runs, as if it pulled the images.
func (r *registry) binaries(kubernetesVersion string) (controlplane.Binaries, error) {
	kubernetesVersion = "v" + strings.TrimPrefix(kubernetesVersion, "v")

	etcd, err := r.tools.Etcd()
	if err != nil {
		return controlplane.Binaries{}, err
	}

	etcdutl, err := r.tools.Etcdutl()
	if err != nil {
		return controlplane.Binaries{}, err
	}

	var found controlplane.Binaries
	for target, tool := range map[*string]tools.Tool{
		&found.Etcd:              etcd,
		&found.Etcdutl:           etcdutl,
		&found.APIServer:         r.tools.Kubernetes("kube-apiserver", kubernetesVersion),
		&found.ControllerManager: r.tools.Kubernetes("kube-controller-manager", kubernetesVersion),
		&found.Scheduler:         r.tools.Kubernetes("kube-scheduler", kubernetesVersion),
	} {
		path, err := r.have(tool)
		if err != nil {
			return controlplane.Binaries{}, err
		}

		*target = path
	}

	return found, nil
}

func relink(source, target string) error {
	if now, err := os.Readlink(target); err == nil && now == source {
		return nil
	}

	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		return err
	}

	return os.Symlink(source, target)
}
