package main

import (
	"log"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"phoebe.dev/lab/internal/chartrepo"
	"phoebe.dev/lab/internal/daemon"
	"phoebe.dev/lab/internal/factory"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/stackfile"
)

func serveCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Is the lab's daemon", Hidden: true,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			report := daemon.Report()

			err := serve(command, o, func() { report(nil) })
			if err != nil {
				report(err)
			}

			return err
		},
	}
}

func serve(command *cobra.Command, o *options, ready func()) error {
	log.SetFlags(log.LstdFlags | log.LUTC)

	l, err := o.open()
	if err != nil {
		return err
	}

	memory, err := l.folder.Recall()
	if err != nil {
		return err
	}

	owner, err := daemon.Owner()
	if err != nil {
		return err
	}

	images := &factory.Factory{Dir: l.folder.Factory(), Host: memory.Factory}
	registry := &registry{Context: command.Context(), lab: l, images: images.Pullable}

	plant, err := daemon.NewPlant(l.folder, registry.binaries, registry.Pullable, images)
	if err != nil {
		return err
	}

	return daemon.Serve(command.Context(), daemon.Options{
		Folder: l.folder, Plant: plant, Factory: images.Handler(), Ready: ready,
		Charts: repository(l, nil).Handler(), Owner: owner,
	})
}

// repository serves what the active stacks declare at the moment when it is asked, by this memory or else by the lab's.
func repository(l *lab, memory *folder.Memory) *chartrepo.Repository {
	return &chartrepo.Repository{Sources: filepath.Join(l.root, "lab", "charts"), Declared: func() ([]chartrepo.Ref, string, error) {
		now := memory
		if now == nil {
			var err error
			if now, err = l.folder.Recall(); err != nil {
				return nil, "", err
			}
		}

		var refs []chartrepo.Ref

		for _, stack := range now.Stacks {
			if !stack.Active {
				continue
			}

			releases, err := stackfile.Releases(stack.Apps)
			if err != nil {
				return nil, "", err
			}

			for _, release := range releases {
				ref := chartrepo.Ref{Name: release.Chart, Version: release.Version}
				if !slices.Contains(refs, ref) {
					refs = append(refs, ref)
				}
			}
		}

		return refs, now.Archive, nil
	}}
}
