package processes_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/processes"
)

// lastThread makes this test binary a process whose first thread has ended while another one still reads.
const lastThread = "PROCESSES_TEST_LAST_THREAD"

func init() {
	if os.Getenv(lastThread) == "" {
		return
	}

	runtime.LockOSThread() // what init runs on is the first thread

	go func() {
		fmt.Println("reading")
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()

	unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
}

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

	_ = command.Wait()

	require.NoError(t, process.Signal(unix.SIGKILL), "of what has ended")
}

func TestAProcessWithoutItsFirstThreadRunsStill(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), lastThread+"=1")
	input, err := command.StdinPipe()
	require.NoError(t, err)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })

	_, err = bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)

	process, err := processes.Find(command.Process.Pid)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.PID))

		return err == nil && strings.Contains(string(status), "(zombie)")
	}, 10*time.Second, time.Millisecond)
	require.True(t, process.Alive())
	require.NoError(t, input.Close())
	require.True(t, process.WaitGone(10*time.Second))
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
