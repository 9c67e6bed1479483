package tools_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/progress"
	"phoebe.dev/lab/internal/tools"
)

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), mode))
}

// store has modules whose real sources are replaced by small ones, so that nothing is downloaded, and Go alone on PATH, so that no real tool is found.
func store(t *testing.T) (*tools.Store, *bytes.Buffer) {
	t.Helper()

	compiler, err := exec.LookPath("go")
	require.NoError(t, err)
	t.Setenv("PATH", t.TempDir())
	require.NoError(t, os.Symlink(compiler, filepath.Join(os.Getenv("PATH"), "go")))
	modules, said := t.TempDir(), &bytes.Buffer{}
	write(t, filepath.Join(modules, "etcd", "go.mod"), `module tools/etcd

go 1.24

require go.etcd.io/etcd/server/v3 v3.6.8

replace go.etcd.io/etcd/server/v3 => ./source
`, 0o644)
	write(t, filepath.Join(modules, "etcd", "source", "go.mod"), "module go.etcd.io/etcd/server/v3\n\ngo 1.24\n", 0o644)
	write(t, filepath.Join(modules, "etcd", "source", "main.go"), "package main\n\nfunc main() { println(\"etcd\") }\n", 0o644)
	write(t, filepath.Join(modules, "pulumi", "go.mod"), "module tools/pulumi\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.250.0\n", 0o644)

	return &tools.Store{Modules: modules, Cache: t.TempDir(), Progress: progress.Plain(said)}, said
}

// script puts a program on PATH that answers with a text when it is asked for its version.
func script(t *testing.T, folder, name, answer string) {
	t.Helper()
	write(t, filepath.Join(folder, name), "#!/bin/sh\necho '"+answer+"'\n", 0o755)
}

func TestTheRepositorysModulesStateAllVersions(t *testing.T) {
	real := &tools.Store{Modules: "../../tools"}
	for _, of := range []func() (tools.Tool, error){real.Pulumi, real.Talosctl, real.Etcd} {
		tool, err := of()
		require.NoError(t, err)
		require.Regexp(t, `^v\d+\.\d+\.\d+$`, tool.Version, tool.Name)
	}

	require.Subset(t, real.KubernetesVersions(), []string{"v1.35.4", "v1.36.3"})
}

// The `pulumi` package of npm, the engine's SDK and the tool are one version.
func TestPulumiIsWhatThePackagesSay(t *testing.T) {
	tool, err := (&tools.Store{Modules: "../../tools"}).Pulumi()
	require.NoError(t, err)
	manifest, err := os.ReadFile("../../../package.json")
	require.NoError(t, err)

	version := strings.TrimPrefix(tool.Version, "v")
	require.Contains(t, string(manifest), `"pulumi": "`+version+`"`)
	require.Contains(t, string(manifest), `"@pulumi/pulumi": "`+version+`"`)
}

func TestAToolOnPathCountsAtItsVersionAlone(t *testing.T) {
	s, _ := store(t)
	path := t.TempDir()
	t.Setenv("PATH", path+":"+os.Getenv("PATH"))

	etcd, err := s.Etcd()
	require.NoError(t, err)

	for answer, found := range map[string]bool{
		"etcd Version: 3.6.8": true, "etcd Version: 3.6.80": false, "etcd Version: 3.6.8-rc.1": false, "none": false,
	} {
		script(t, path, "etcd", answer)
		at, ok := s.Find(t.Context(), etcd)
		require.Equal(t, found, ok, answer)
		require.Equal(t, found, at == filepath.Join(path, "etcd"), answer)
	}

	script(t, path, "kubectl", "Client Version: v1.36.3\nKustomize Version: v5.8.1")
	_, ok := s.Find(t.Context(), s.Kubernetes("kubectl", "v1.36.3"))
	require.True(t, ok)
}

func TestPulumiOnPathNeedsItsLanguageHost(t *testing.T) {
	s, _ := store(t)
	path := t.TempDir()
	t.Setenv("PATH", path)

	pulumi, err := s.Pulumi()
	require.NoError(t, err)
	write(t, filepath.Join(path, "pulumi"), "#!/bin/sh\necho v3.250.0\n", 0o755)
	_, ok := s.Find(t.Context(), pulumi)
	require.False(t, ok)
	write(t, filepath.Join(path, "pulumi-language-nodejs"), "#!/bin/sh\n", 0o755)
	_, ok = s.Find(t.Context(), pulumi)
	require.True(t, ok)
}

func TestItIsBuiltOnceHoweverManyAsk(t *testing.T) {
	s, _ := store(t)
	etcd, err := s.Etcd()
	require.NoError(t, err)

	var group sync.WaitGroup

	said := make([]bytes.Buffer, 3)
	for i := range said {
		group.Go(func() {
			own := *s
			own.Progress = progress.Plain(&said[i])
			path, err := own.Ensure(t.Context(), etcd)
			require.NoError(t, err)
			out, err := exec.Command(path).CombinedOutput()
			require.NoError(t, err)
			require.Equal(t, "etcd\n", string(out))
		})
	}

	group.Wait()

	var all string
	for i := range said {
		all += said[i].String()
	}

	require.Equal(t, 1, strings.Count(all, "built etcd v3.6.8 in "), all)

	entries, err := os.ReadDir(filepath.Join(s.Cache, "etcd-v3.6.8"))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing unfinished is left")
}

func TestAFailedBuildIsExplainedAndLeavesNothing(t *testing.T) {
	s, _ := store(t)
	write(t, filepath.Join(s.Modules, "etcd", "source", "main.go"), "package main\n\nfunc main() { nonsense }\n", 0o644)
	etcd, err := s.Etcd()
	require.NoError(t, err)
	_, err = s.Ensure(t.Context(), etcd)
	require.ErrorContains(t, err, "cannot build etcd v3.6.8")
	require.ErrorContains(t, err, "undefined: nonsense")
	entries, err := os.ReadDir(filepath.Join(s.Cache, "etcd-v3.6.8"))
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestWithoutGoItSaysSo(t *testing.T) {
	s, _ := store(t)
	etcd, err := s.Etcd()
	require.NoError(t, err)
	t.Setenv("PATH", t.TempDir())
	_, err = s.Ensure(t.Context(), etcd)
	require.ErrorContains(t, err, "https://go.dev/dl")
}

func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	s, said := store(t)
	etcd, err := s.Etcd()
	require.NoError(t, err)
	lock, err := os.OpenFile(filepath.Join(s.Cache, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	require.NoError(t, err)

	defer lock.Close()

	require.NoError(t, unix.Flock(int(lock.Fd()), unix.LOCK_EX))

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()

	_, err = s.Ensure(ctx, etcd)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Contains(t, said.String(), "waiting for another build")
}

func TestAVersionThatCannotBeBuiltIsRefused(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s := &tools.Store{Modules: "../../tools", Cache: t.TempDir()}
	_, err := s.Ensure(t.Context(), s.Kubernetes("kube-apiserver", "v1.34.1"))
	require.ErrorContains(t, err, "kube-apiserver v1.34.1 is neither in")
	require.ErrorContains(t, err, "v1.35.4 and v1.36.3")
	_, err = s.Require(t.Context(), s.Kubernetes("kube-apiserver", "v1.36.3"))
	require.ErrorContains(t, err, "npm run lab -- build --set kubernetesVersion=v1.36.3")
}
