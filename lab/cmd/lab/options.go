package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/progress"
	"phoebe.dev/lab/internal/pulumi"
	"phoebe.dev/lab/internal/tools"
)

// defaultStack is the one of the four small machines.
const defaultStack = "lab"

// rootVariable names the working tree; lab/run.mjs sets it.
const rootVariable = "LAB_ROOT"

// options are what a person can say to all commands.
type options struct {
	stack   string
	dir     string
	set     []string
	plugins string
	charts  string
}

func (o *options) flags(flags *pflag.FlagSet) {
	flags.StringVar(&o.stack, "stack", "", `the stack: its Pulumi.<stack>.yaml, addresses moved to 127.0.0.0/8 (default "`+defaultStack+`")`)
	flags.StringVar(&o.dir, "dir", "", "the lab's folder: another one is another lab (default .lab)")
	flags.StringArrayVar(&o.set, "set", nil, "<key>=<value>: configuration of the stack in this lab, until it is stopped; the value is YAML or JSON")
	flags.StringVar(&o.plugins, "plugins", "", `a folder of plugins, instead of the lab's own, or "official": Pulumi downloads them; until the lab is stopped`)
	flags.StringVar(&o.charts, "charts", "", "a folder of chart archives, served instead of the lab's own charts; until the lab is stopped")
}

// settings are the values of --set by key.
func (o *options) settings() (map[string]string, error) {
	settings := map[string]string{}

	for _, setting := range o.set {
		key, value, found := strings.Cut(setting, "=")
		if !found || key == "" {
			return nil, fmt.Errorf("--set %s: write <key>=<value>, for example --set kubernetesVersion=v1.35.4", setting)
		}

		settings[strings.TrimPrefix(key, "phoebe:")] = value
	}

	return settings, nil
}

// lab is what all commands work with.
type lab struct {
	root     string
	folder   folder.Folder
	tools    *tools.Store
	progress *progress.Reporter
}

// hold opens the lab for a command that no other may run beside. The caller releases it.
func (o *options) hold() (l *lab, release func(), err error) {
	if l, err = o.open(); err != nil {
		return nil, nil, err
	}

	release, err = l.folder.Lock()

	return l, release, err
}

// open finds the working tree and the lab's folder.
func (o *options) open() (*lab, error) {
	root, err := workingTree()
	if err != nil {
		return nil, err
	}

	dir := o.dir
	if dir == "" {
		dir = filepath.Join(root, ".lab")
	}

	f, err := folder.Open(dir)
	if err != nil {
		return nil, err
	}

	reporter := progress.New(os.Stderr)

	cache := filepath.Join(root, ".lab", "tools")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, err
	}

	return &lab{
		root: root, folder: f, progress: reporter,
		tools: &tools.Store{Modules: filepath.Join(root, "lab", "tools"), Cache: cache, Progress: reporter},
	}, nil
}

func workingTree() (string, error) {
	root := os.Getenv(rootVariable)
	if root == "" { // run by hand, from .lab/bin
		program, err := os.Executable()
		if err != nil {
			return "", err
		}

		root = filepath.Dir(filepath.Dir(filepath.Dir(program)))
	}

	if _, err := os.Stat(filepath.Join(root, "Pulumi.yaml")); err != nil {
		return "", fmt.Errorf("%s is not the working tree of the project: %w", root, err)
	}

	return root, nil
}

func (l *lab) home(memory *folder.Memory) pulumi.Home {
	home := pulumi.Home{Folder: l.folder, Root: l.root, Tools: l.tools, Plugins: memory.Plugins}
	if memory.Charts != "" {
		home.Charts = "http://" + memory.Charts
	}

	return home
}

// shown is a path as short as it can be said.
func (l *lab) shown(path string) string {
	if relative, err := filepath.Rel(l.root, path); err == nil && filepath.IsLocal(relative) {
		return relative
	}

	return path
}
