package daemon_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"testing"

	"phoebe.dev/lab/internal/daemon"
	"phoebe.dev/lab/internal/endpoint"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/machine"
)

// With this variable the test's own binary is the daemon of that folder.
const daemonVariable = "TEST_DAEMON_OF"

func TestMain(m *testing.M) {
	path := os.Getenv(daemonVariable)
	if path == "" {
		os.Exit(m.Run())
	}

	report := daemon.Report()
	if err := run(path, func() { report(nil) }); err != nil {
		report(err)
		os.Exit(1)
	}
}

func run(path string, ready func()) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()

	f, err := folder.Open(path)
	if err != nil {
		return err
	}

	owner, err := daemon.Owner()
	if err != nil {
		return err
	}

	text := func(what string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, what) })
	}

	return daemon.Serve(ctx, daemon.Options{Folder: f, Plant: &sheds{}, Factory: text("factory"), Charts: text("charts"), Owner: owner, Ready: ready})
}

// sheds are machines without anything inside: an open port and a process each.
type sheds struct {
	mu  sync.Mutex
	all []*shed
}

type shed struct {
	bought   folder.Machine
	on       bool
	listener net.Listener
	process  *exec.Cmd
}

func (s *sheds) Add(bought folder.Machine) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	added := &shed{bought: bought}
	s.all = append(s.all, added)

	return added.power(true)
}

func (s *shed) power(on bool) (err error) {
	switch {
	case on && !s.on:
		if s.listener, err = net.Listen("tcp", s.bought.Address+":50000"); err != nil {
			return err
		}

		s.process = exec.Command("sleep", "600")
		s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		err = s.process.Start()
	case !on && s.on:
		_ = s.listener.Close()
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
	}

	s.on = on

	return err
}

func (s *sheds) Snapshots() []machine.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()

	snapshots := []machine.Snapshot{}

	for _, one := range s.all {
		stage := map[bool]string{true: "running", false: "off"}[one.on]
		snapshots = append(snapshots, machine.Snapshot{Name: one.bought.Name, Address: one.bought.Address, Stage: stage})
	}

	return snapshots
}

func (s *sheds) Fault(_ context.Context, name string, kind machine.Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	i := slices.IndexFunc(s.all, func(one *shed) bool { return one.bought.Name == name })
	if i < 0 {
		return fmt.Errorf("%s: %w", name, daemon.ErrNoMachine)
	}

	return s.all[i].power(kind == machine.FaultOn)
}

func (s *sheds) Backends([]string) []endpoint.Backend { return nil }

func (s *sheds) Close() error {
	for _, one := range s.all {
		one.power(false)
	}

	return nil
}
