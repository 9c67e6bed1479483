// Package daemon is the process behind a lab: it has the simulated machines, the Image Factory and the chart repository, and takes orders
// over a socket in the lab's folder.
package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/processes"
)

// Options say what a daemon serves.
type Options struct {
	Folder  folder.Folder
	Plant   Plant
	Factory http.Handler
	Charts  http.Handler
	// Owner is the process for which the lab is there: it ends when that one does, however that is. Nil: it ends when it is told to.
	Owner *processes.Process
	// Ready is called once, when the daemon takes orders.
	Ready func()
}

// Serve runs until the context ends, then switches everything off.
func Serve(ctx context.Context, options Options) (err error) {
	self, err := processes.Self()
	if err != nil {
		return err
	}

	if err := writePID(options.Folder, self); err != nil {
		return err
	}

	defer os.Remove(options.Folder.PID())
	defer func() { err = errors.Join(err, options.Plant.Close()) }()

	memory, err := options.Folder.Recall()
	if err != nil {
		return err
	}

	listeners, err := listen(options.Folder, memory)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	group, ctx := errgroup.WithContext(ctx)

	clusters := newClusters(ctx, group, options.Plant)
	if err := clusters.Refresh(memory); err != nil {
		cancel()

		return errors.Join(err, listeners.close(), group.Wait())
	}

	serve(ctx, group, listeners.factory, options.Factory)
	serve(ctx, group, listeners.charts, options.Charts)
	serve(ctx, group, listeners.control, control(options, clusters))

	if options.Owner != nil {
		group.Go(func() error {
			defer cancel()

			await(ctx, *options.Owner)

			return nil
		})
	}

	log.Printf("ready: Image Factory at %s, charts at %s", memory.Factory, memory.Charts)

	if options.Ready != nil {
		options.Ready()
	}

	err = group.Wait()

	log.Printf("stopping")

	return err
}

type sockets struct{ factory, charts, control net.Listener }

func (s *sockets) close() error {
	var all error

	for _, listener := range []net.Listener{s.factory, s.charts, s.control} {
		if listener != nil {
			all = errors.Join(all, listener.Close())
		}
	}

	return all
}

func listen(f folder.Folder, memory *folder.Memory) (*sockets, error) {
	// What a killed daemon left; that there is no other one is known by its PID file.
	if err := os.Remove(f.Socket()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}

	s := &sockets{}

	var err error
	if s.factory, err = net.Listen("tcp4", memory.Factory); err != nil {
		return nil, fmt.Errorf("the Image Factory cannot listen: %w", folder.InUse(memory.Factory, err))
	}

	if s.charts, err = net.Listen("tcp4", memory.Charts); err != nil {
		return nil, errors.Join(fmt.Errorf("the chart repository cannot listen: %w", folder.InUse(memory.Charts, err)), s.close())
	}

	if s.control, err = net.Listen("unix", f.Socket()); err != nil {
		return nil, errors.Join(err, s.close())
	}

	return s, errors.Join(os.Chmod(f.Socket(), 0o600))
}

// serve answers on a listener until the context ends.
func serve(ctx context.Context, group *errgroup.Group, listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}

	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}

		return nil
	})
	group.Go(func() error {
		<-ctx.Done()

		return server.Close()
	})
}

func writePID(f folder.Folder, self processes.Process) error {
	if running, err := Running(f); err != nil || running != nil {
		return errors.Join(err, fmt.Errorf("%s: the lab is running already", f.Path))
	}

	content, err := json.Marshal(self)
	if err != nil {
		return err
	}

	return folder.WriteFile(f.PID(), append(content, '\n'))
}

// Running is the daemon of a lab, nil where none runs.
func Running(f folder.Folder) (*processes.Process, error) {
	content, err := os.ReadFile(f.PID())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}

	if err != nil {
		return nil, err
	}

	var daemon processes.Process
	if err := json.Unmarshal(content, &daemon); err != nil {
		return nil, fmt.Errorf("%s: %w: if no lab runs here, remove that file", f.PID(), err)
	}

	if !daemon.Alive() {
		return nil, nil
	}

	return &daemon, nil
}
