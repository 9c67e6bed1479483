package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"phoebe.dev/lab/internal/chartrepo"
	"phoebe.dev/lab/internal/daemon"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/progress"
	"phoebe.dev/lab/internal/pulumi"
	"phoebe.dev/lab/internal/stackfile"
	"phoebe.dev/lab/internal/vault"
)

// started is a lab whose machines run and whose stack is ready for Pulumi.
type started struct {
	*lab
	stack    string
	memory   *folder.Memory
	declared *stackfile.Declared
	home     pulumi.Home
	client   *daemon.Client
}

// start builds what is missing and starts the lab, or has a running one follow what is declared now. The caller holds the lab's lock.
func (l *lab) start(ctx context.Context, o *options) (*started, error) {
	memory, err := l.folder.Recall()
	if err != nil {
		return nil, err
	}

	s := &started{lab: l, stack: o.stack, memory: memory, client: daemon.Dial(l.folder)}
	if s.stack == "" {
		s.stack = defaultStack
	}

	if err := s.remember(o); err != nil {
		return nil, err
	}

	derived, err := s.derive()
	if err != nil {
		return nil, err
	}

	if err := s.checkCharts(); err != nil {
		return nil, err
	}

	s.buyMachines()
	s.home = l.home(memory)

	if err := l.build(ctx, s.declared.KubernetesVersion, l.folder); err != nil {
		return nil, err
	}

	if err := s.home.Prepare(ctx); err != nil {
		return nil, err
	}
	// Only now is anything written that a next command goes by.
	for _, step := range []func() error{
		func() error { return l.folder.Remember(memory) },
		l.folder.EnsurePassphrase,
		func() error { return folder.WriteFile(l.folder.StackFile(s.stack), derived) },
		func() error { return vault.Fill(l.folder.Values(), s.references()) },
		func() error { return s.run(ctx) },
		func() error { return s.home.Init(ctx, s.stack) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}

	return s, nil
}

// remember takes over what was said this time.
func (s *started) remember(o *options) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}

	stack := s.memory.Stack(s.stack)
	for key, value := range settings {
		stack.Set[key] = value
	}

	stack.Active, s.memory.Current = true, s.stack

	switch {
	case o.plugins == pulumi.OfficialPlugins:
		s.memory.Plugins = o.plugins
	case o.plugins != "":
		if s.memory.Plugins, err = filepath.Abs(o.plugins); err != nil {
			return err
		}
	}

	if o.charts != "" {
		if s.memory.Archive, err = filepath.Abs(o.charts); err != nil {
			return err
		}
	}

	return s.memory.Ports(s.folder)
}

// derive makes the lab's stack file from the repository's.
func (s *started) derive() ([]byte, error) {
	file, err := stackfile.Read(filepath.Join(s.root, "Pulumi."+s.stack+".yaml"))
	if err != nil {
		return nil, err
	}

	stack := s.memory.Stack(s.stack)

	backups, err := s.backups()
	if err != nil {
		return nil, err
	}

	s.declared, err = file.Derive(stackfile.Lab{
		ImageFactoryURL: "http://" + s.memory.Factory, ChartMirror: "http://" + s.memory.Charts, BackupDir: backups, Set: stack.Set,
	})
	if err != nil {
		return nil, err
	}

	if err := file.CarrySalt(s.folder.StackFile(s.stack)); err != nil {
		return nil, err
	}

	stack.Endpoint, stack.Apps = s.declared.Endpoint.String(), s.inProject(s.declared.Apps)

	return file.Bytes()
}

func (s *started) inProject(folders []string) []string {
	var paths []string
	for _, folder := range folders {
		paths = append(paths, filepath.Join(s.root, folder))
	}

	return paths
}

// backups is the lab's folder of etcd snapshots as a stack declares it, "" where the lab is outside of the project.
func (s *started) backups() (string, error) {
	path, err := filepath.Rel(s.root, s.folder.Backups())
	if err != nil || !filepath.IsLocal(path) {
		return "", err
	}

	return path, nil
}

// references is where the stack has values that its owner keeps in 1Password.
func (s *started) references() vault.Stack {
	in := vault.Stack{
		Contract: s.declared.TalosContract,
		Folders:  s.inProject(append([]string{s.declared.Patches}, s.declared.Apps...)),
	}
	if s.declared.SecretsTemplate != "" {
		in.Template = filepath.Join(s.root, s.declared.SecretsTemplate)
	}

	return in
}

// checkCharts finds out before anything is done that a declared chart cannot be had.
func (s *started) checkCharts() error {
	releases, err := stackfile.Releases(s.memory.Stack(s.stack).Apps)
	if err != nil {
		return err
	}

	for _, release := range releases {
		missing, err := repository(s.lab, s.memory).Missing([]chartrepo.Ref{{Name: release.Chart, Version: release.Version}})
		if err != nil {
			return err
		}

		if len(missing) > 0 && s.memory.Archive != "" {
			return fmt.Errorf("%s declares the chart %s %s, which is not in %s: put %s-%s.tgz there", s.shown(release.File), release.Chart, release.Version, s.memory.Archive, release.Chart, release.Version)
		}

		if len(missing) > 0 {
			return fmt.Errorf("%s declares the chart %s %s, and the lab has no such chart of its own: give it a folder that holds all declared archives (`helm pull`) with --charts",
				s.shown(release.File), release.Chart, release.Version)
		}
	}

	return nil
}

// buyMachines has one for each declared node. One that is declared no longer stays until the stack has let it go.
func (s *started) buyMachines() {
	stack := s.memory.Stack(s.stack)
	for _, node := range s.declared.Nodes {
		i := slices.IndexFunc(stack.Machines, func(m folder.Machine) bool { return m.Name == node.Hostname })
		if i < 0 {
			stack.Machines = append(stack.Machines, folder.Machine{
				Name: node.Hostname, Address: node.Address.String(), Arch: node.Arch, Talos: s.declared.TalosVersion,
			})

			continue
		}

		stack.Machines[i].Address = node.Address.String() // a running lab refuses
	}
}

// sellMachines forgets those that are declared no longer, once the stack has let them go.
func (s *started) sellMachines(ctx context.Context) error {
	stack := s.memory.Stack(s.stack)

	kept := slices.DeleteFunc(slices.Clone(stack.Machines), func(m folder.Machine) bool {
		return !slices.ContainsFunc(s.declared.Nodes, func(n stackfile.Node) bool { return n.Hostname == m.Name })
	})
	if len(kept) == len(stack.Machines) {
		return nil
	}

	stack.Machines = kept

	if err := s.folder.Remember(s.memory); err != nil {
		return err
	}

	return s.client.Refresh(ctx)
}

// run has the daemon run, and follow the memory.
func (s *started) run(ctx context.Context) error {
	for _, node := range s.declared.Nodes {
		if !loopback(node.Address) || !loopback(s.declared.Endpoint.Addr()) {
			return fmt.Errorf("%s and %s: the lab works in 127.0.0.0/8 alone", node.Address, s.declared.Endpoint)
		}
	}

	running, err := daemon.Running(s.folder)
	if err != nil {
		return err
	}

	if running == nil {
		return s.progress.Step("starting the lab", "started the lab with "+progress.Count(len(s.declared.Nodes), "machine"), func() error {
			program, err := os.Executable()
			if err != nil {
				return err
			}

			return daemon.Start(s.folder, program, "serve", "--dir", s.folder.Path)
		})
	}

	if program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", running.PID)); err == nil && strings.HasSuffix(program, " (deleted)") {
		s.progress.Line("note: the lab runs a build that is older than its source; `npm run lab:stop` and a new start renew it")
	}

	return s.client.Refresh(ctx)
}

func loopback(address netip.Addr) bool { return address.Is4() && address.IsLoopback() }
