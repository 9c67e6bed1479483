package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// build makes the program with Go. One build at a time: each uses all cores, and the next one finds what the first compiled in Go's cache.
func (s *Store) build(ctx context.Context, tool Tool) error {
	target := s.cached(tool)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}

	what := tool.Name + " " + tool.Version

	return s.locked(ctx, what, func() error {
		if executable(target) { // by whoever had the lock
			return nil
		}

		return s.Progress.Step("building "+what, "built "+what, func() error {
			// A killed build leaves nothing under the final name.
			unfinished := fmt.Sprintf("%s.%d", target, os.Getpid())
			defer os.Remove(unfinished)

			if err := goBuild(ctx, tool, unfinished); err != nil {
				return fmt.Errorf("cannot build %s: %w", what, err)
			}

			return os.Rename(unfinished, target)
		})
	})
}

func goBuild(ctx context.Context, tool Tool, output string) error {
	ldflags := strings.Join(append([]string{"-s -w"}, tool.ldflags...), " ")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", ldflags, "-o", output, tool.source)
	build.Dir = tool.module
	build.Env = append(os.Environ(), "GOWORK=off")
	build.Cancel = func() error { return build.Process.Signal(syscall.SIGINT) }
	build.WaitDelay = 5 * time.Second

	var messages bytes.Buffer

	build.Stdout, build.Stderr = &messages, &messages

	err := build.Run()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("Go is not on PATH: install it from https://go.dev/dl")
	case err != nil:
		return fmt.Errorf("go build in %s: %w\n%s", tool.module, err, lastLines(messages.String(), 15))
	}

	return nil
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")

	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
