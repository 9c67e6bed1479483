package tools

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"phoebe.dev/lab/internal/progress"
)

// Store keeps the tools of all labs of one working tree.
type Store struct {
	Modules  string // lab/tools: the Go modules that pin them
	Cache    string // .lab/tools
	Progress *progress.Reporter
}

// Find is the program where it is at hand: in the cache, or on PATH at exactly the right version.
func (s *Store) Find(ctx context.Context, tool Tool) (string, bool) {
	if cached := s.cached(tool); executable(cached) {
		return cached, true
	}

	return onPath(ctx, tool)
}

// Ensure is the program, built if it is not at hand.
func (s *Store) Ensure(ctx context.Context, tool Tool) (string, error) {
	if path, ok := s.Find(ctx, tool); ok {
		return path, nil
	}

	if tool.module == "" {
		return "", s.cannotBuild(tool)
	}

	return s.cached(tool), s.build(ctx, tool)
}

// Require is the program where it is at hand, and an error that says what to do where it is not: it builds nothing.
func (s *Store) Require(ctx context.Context, tool Tool) (string, error) {
	if path, ok := s.Find(ctx, tool); ok {
		return path, nil
	}

	if tool.module == "" {
		return "", s.cannotBuild(tool)
	}

	return "", fmt.Errorf("%s %s is not built yet: `npm run lab -- build --set kubernetesVersion=%s`", tool.Name, tool.Version, tool.Version)
}

func (s *Store) cannotBuild(tool Tool) error {
	return fmt.Errorf("%s %s is neither in %s nor on PATH, and cannot be built: lab/tools has modules for %s; choose one of them, or put %s %s on PATH",
		tool.Name, tool.Version, s.Cache, strings.Join(s.KubernetesVersions(), " and "), tool.Name, tool.Version)
}

func (s *Store) cached(tool Tool) string {
	return filepath.Join(s.Cache, tool.Name+"-"+tool.Version, tool.Name)
}

// onPath looks at every such program on PATH: the first one may be a shim, or another version.
func onPath(ctx context.Context, tool Tool) (string, bool) {
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(folder, tool.Name)
		if executable(path) && complete(folder, tool) && reports(ctx, path, tool) {
			return path, true
		}
	}

	return "", false
}

func complete(folder string, tool Tool) bool {
	for _, name := range tool.beside {
		if !executable(filepath.Join(folder, name)) {
			return false
		}
	}

	return true
}

var versionInText = regexp.MustCompile(`\bv?(\d+\.\d+\.\d+[^\s",]*)`)

// reports asks a program for its version; one that does not answer in time has none.
func reports(ctx context.Context, path string, tool Tool) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()

	out, err := exec.CommandContext(ctx, path, tool.ask...).Output()
	if err != nil {
		return false
	}

	found := versionInText.FindSubmatch(out)

	return found != nil && "v"+string(found[1]) == tool.Version
}

func executable(path string) bool {
	info, err := os.Stat(path)

	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 && info.Size() > 0
}
