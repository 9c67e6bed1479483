package main

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"phoebe.dev/lab/internal/daemon"
)

func stopCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "stop", Short: "Ends all that the lab started; the machines keep their disks and the stack its state",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return stop(o, func(*lab) error { return nil }) },
	}
}

func resetCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "reset", Short: "Stops the lab and forgets its machines and its state; what was built is kept",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return stop(o, forget) },
	}
}

func stop(o *options, then func(*lab) error) error {
	l, release, err := o.hold()
	if err != nil {
		return err
	}
	defer release()

	memory, err := l.folder.Recall()
	if err != nil {
		return err
	}

	running, err := daemon.Running(l.folder)
	if err != nil {
		return err
	}

	end := func() error { return daemon.Stop(l.folder, memory) }

	if running == nil {
		l.progress.Line("no lab is running in %s", l.shown(l.folder.Path))

		err = end() // of what a killed one may have left
	} else {
		err = l.progress.Step("stopping the lab", "stopped the lab", end)
	}

	if err != nil {
		return err
	}

	memory.Rest()

	if err := l.folder.Remember(memory); err != nil {
		return err
	}

	return then(l)
}

// built is what all labs share, in the default folder.
var built = []string{"bin", "tools", "tests"}

func forget(l *lab) error {
	entries, err := os.ReadDir(l.folder.Path)
	if err != nil {
		return err
	}

	for _, entry := range entries {
		if slices.Contains(built, entry.Name()) || entry.Name() == "lock" {
			continue
		}

		if err := os.RemoveAll(filepath.Join(l.folder.Path, entry.Name())); err != nil {
			return err
		}
	}

	l.progress.Line("forgot the machines and the state in %s", l.shown(l.folder.Path))

	return nil
}
