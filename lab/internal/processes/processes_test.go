package processes_test

import (
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/processes"
)

func start(t *testing.T, name string, args ...string) (processes.Process, *exec.Cmd) {
	t.Helper()
	command := exec.Command(name, args...)
	require.NoError(t, command.Start())
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	process, err := processes.Find(command.Process.Pid)
	require.NoError(t, err)
	return process, command
}

func TestAProcessEnds(t *testing.T) {
	process, command := start(t, "sleep", "60")
	require.True(t, process.Alive())
	require.False(t, process.WaitGone(time.Millisecond))
	require.NoError(t, process.Signal(unix.SIGKILL))
	require.True(t, process.WaitGone(10*time.Second), "though nobody waited for it yet")
	command.Wait()
	require.NoError(t, process.Signal(unix.SIGKILL), "of what has ended")
}

func TestAnotherProcessWithThePIDIsLeftAlone(t *testing.T) {
	process, _ := start(t, "sleep", "60")
	other := process
	other.Started += "0"
	require.False(t, other.Alive())
	require.NoError(t, other.Signal(unix.SIGKILL))
	require.True(t, process.Alive())
}

func TestDescendants(t *testing.T) {
	_, command := start(t, "cat") // waits for its input, whatever happens to this test
	self, err := processes.Self()
	require.NoError(t, err)
	found, err := self.Descendants()
	require.NoError(t, err)
	child, err := processes.Find(command.Process.Pid)
	require.NoError(t, err)
	require.Contains(t, found, child)
	none, err := child.Descendants()
	require.NoError(t, err)
	require.Empty(t, none)
}
