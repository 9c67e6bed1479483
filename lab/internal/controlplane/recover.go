package controlplane

import (
	"context"
	"fmt"
	"os"
)

// Snapshot is a copy of etcd that a cluster can begin with.
type Snapshot struct {
	Path string
	// SkipHashCheck takes one without etcd's digest behind it: a copy of a member's database.
	SkipHashCheck bool
}

// recovered makes the member's data out of a snapshot, which is deleted then. Like Talos it leaves what a failure has made so far.
func (e *etcd) recovered(ctx context.Context, from Snapshot) bool {
	e.setWaiting(false)
	e.board.set(Preparing, "Recovering from the snapshot")

	err := e.restore(ctx, from)
	if err != nil {
		e.setWaiting(true)
		e.board.set(Failed, "Failed to run pre stage: error recovering from the snapshot: "+err.Error())
	}

	return err == nil
}

func (e *etcd) restore(ctx context.Context, from Snapshot) error {
	programs, err := e.Binaries(imageVersion(e.config().Cluster().APIServer().Image()))
	if err != nil {
		return err
	}

	arguments := []string{
		"snapshot", "restore", from.Path, "--name", e.Hostname, "--data-dir", e.dataDir(),
		"--initial-cluster", e.member(), "--initial-advertise-peer-urls", e.peerURL(),
	}
	if from.SkipHashCheck {
		arguments = append(arguments, "--skip-hash-check")
	}

	p, err := start(command{path: programs.Etcdutl, arguments: arguments}, e.output)
	if err != nil {
		return err
	}

	select {
	case <-p.done:
	case <-ctx.Done():
		p.stop(e.grace)

		return ctx.Err()
	}

	if p.err != nil {
		return fmt.Errorf("%s", p.reason())
	}

	return os.Remove(from.Path)
}
