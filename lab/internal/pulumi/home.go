// Package pulumi runs the real Pulumi for a lab: with a home, a state and plugins of the lab's own.
package pulumi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/tools"
)

// OfficialPlugins, in the place of a folder, lets Pulumi download its plugins.
const OfficialPlugins = "official"

// packages whose plugins the stack uses; each package states its plugin's version.
var packages = []string{"@pulumiverse/talos", "@pulumi/kubernetes", "@pulumi/command"}

const languageHost = "pulumi-language-nodejs"

// Home is what a lab's Pulumi is made of.
type Home struct {
	Folder  folder.Folder
	Root    string // the working tree
	Tools   *tools.Store
	Plugins string // a folder of plugins, OfficialPlugins, or "" for the lab's own
	Charts  string // the repository whose charts stand in for the declared ones, the lab's own or those of a folder; "" without one
}

// binaries of the lab itself.
func (h Home) binaries() string { return filepath.Join(h.Root, ".lab", "bin") }

// CLI is where the `pulumi` package of npm looks for the program, so that `npx pulumi` finds this one.
func (h Home) cli() (folder string, err error) {
	tool, err := h.Tools.Pulumi()

	return filepath.Join(h.Folder.Home(), "versions", strings.TrimPrefix(tool.Version, "v"), "bin"), err
}

// Prepare puts the program, its language host and the plugins into place. Whatever was there before is replaced.
func (h Home) Prepare(ctx context.Context) error {
	tool, err := h.Tools.Pulumi()
	if err != nil {
		return err
	}

	program, err := h.Tools.Ensure(ctx, tool)
	if err != nil {
		return err
	}

	cli, err := h.cli()
	if err != nil {
		return err
	}

	if err := os.MkdirAll(cli, 0o700); err != nil {
		return err
	}

	host := filepath.Join(filepath.Dir(program), languageHost) // an installed Pulumi has its own
	if _, err := os.Stat(host); err != nil {
		host = filepath.Join(h.binaries(), languageHost)
	}

	return errors.Join(
		// The engine looks for language hosts beside itself, where a symbolic link would not lead.
		place(program, filepath.Join(cli, "pulumi")),
		link(host, filepath.Join(cli, languageHost)),
		link(filepath.Join(cli, "pulumi"), filepath.Join(h.Folder.Commands(), "pulumi")),
		h.placePlugins(),
	)
}

func (h Home) placePlugins() error {
	for _, name := range packages {
		plugin, version, err := h.pluginOf(name)
		if err != nil {
			return err
		}

		program := "pulumi-resource-" + plugin
		target := filepath.Join(h.Folder.Home(), "plugins", fmt.Sprintf("resource-%s-v%s", plugin, version))

		placed := filepath.Join(target, program)
		if h.Plugins == OfficialPlugins {
			if err := h.forget(target, placed); err != nil {
				return err
			}

			continue
		}

		source := filepath.Join(h.binaries(), program)
		if h.Plugins != "" {
			source = filepath.Join(h.Plugins, program)
		}

		if _, err := os.Stat(source); err != nil {
			return fmt.Errorf("the plugin %s: %w: --plugins takes a folder that holds %s", program, err, strings.Join(h.programs(), ", "))
		}

		if err := os.MkdirAll(target, 0o700); err != nil {
			return err
		}

		if err := link(source, placed); err != nil {
			return err
		}
	}

	return nil
}

// forget removes a plugin that the lab placed, and leaves one that Pulumi downloaded.
func (h Home) forget(target, placed string) error {
	if info, err := os.Lstat(placed); err != nil || info.Mode()&os.ModeSymlink == 0 {
		return nil
	}

	return os.RemoveAll(target)
}

func (h Home) programs() []string {
	var programs []string
	for _, name := range packages {
		programs = append(programs, "pulumi-resource-"+filepath.Base(name))
	}

	return programs
}

// pluginOf reads from an npm package which plugin it speaks to.
func (h Home) pluginOf(name string) (plugin, version string, err error) {
	path := filepath.Join(h.Root, "node_modules", name, "package.json")

	content, err := os.ReadFile(path)
	if err != nil {
		return "", "", fmt.Errorf("%w: run `npm ci`", err)
	}

	var description struct {
		Pulumi struct{ Name, Version string }
	}
	if err := json.Unmarshal(content, &description); err != nil {
		return "", "", fmt.Errorf("%s: %w", path, err)
	}

	if description.Pulumi.Name == "" || description.Pulumi.Version == "" {
		return "", "", fmt.Errorf("%s names no Pulumi plugin and version", path)
	}

	return description.Pulumi.Name, description.Pulumi.Version, nil
}

// link makes target a symbolic link to source, in one step.
func link(source, target string) error {
	if now, err := os.Readlink(target); err == nil && now == source {
		return nil
	}

	return replace(target, func(unfinished string) error { return os.Symlink(source, unfinished) })
}

// place makes target the same file as source, or a copy where that cannot be.
func place(source, target string) error {
	if same(source, target) {
		return nil
	}

	return replace(target, func(unfinished string) error {
		if os.Link(source, unfinished) == nil {
			return nil
		}

		return copyFile(source, unfinished)
	})
}

func same(source, target string) bool {
	one, err := os.Stat(source)
	if err != nil {
		return false
	}

	other, err := os.Stat(target)

	return err == nil && (os.SameFile(one, other) || one.Size() == other.Size() && !one.ModTime().After(other.ModTime()))
}

func copyFile(source, target string) error {
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()

	to, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}

	_, err = io.Copy(to, from)

	return errors.Join(err, to.Close())
}

func replace(target string, make func(unfinished string) error) error {
	unfinished := fmt.Sprintf("%s.%d", target, os.Getpid())
	defer os.Remove(unfinished)

	if err := make(unfinished); err != nil {
		return err
	}

	return os.Rename(unfinished, target)
}
