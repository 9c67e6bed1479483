package tools

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// locked does something while no other process builds a tool. The kernel gives the lock back when its holder dies, however it dies.
func (s *Store) locked(ctx context.Context, what string, do func() error) error {
	file, err := os.OpenFile(filepath.Join(s.Cache, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()

	if !tryLock(file) {
		wait := func() error { return waitForLock(ctx, file) }
		if err := s.Progress.Step("waiting for another build to end before "+what, "waited for another build", wait); err != nil {
			return err
		}
	}

	return do()
}

func tryLock(file *os.File) bool {
	return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}

func waitForLock(ctx context.Context, file *os.File) error {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()

	for !tryLock(file) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}

	return nil
}
