package controlplane

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const starterEnv = "PHOEBE_TEST_STARTER"

// TestMain lets the test program be, on demand, a lab that starts a process and is then killed.
func TestMain(m *testing.M) {
	if os.Getenv(starterEnv) == "" {
		os.Exit(m.Run())
	}

	child, err := start(command{path: "/bin/sleep", arguments: []string{"600"}}, io.Discard)
	if err != nil {
		panic(err)
	}

	fmt.Println(child.cmd.Process.Pid)
	<-child.done
}

func TestNoOrphansAfterAKill(t *testing.T) {
	lab := exec.Command(os.Args[0]) // this very program
	lab.Env = append(os.Environ(), starterEnv+"=yes")
	output, err := lab.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, lab.Start())

	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)

	child, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)

	defer unix.Close(child)

	require.NoError(t, lab.Process.Kill())
	require.Error(t, lab.Wait())

	ended, err := unix.Poll([]unix.PollFd{{Fd: int32(child), Events: unix.POLLIN}}, int((10 * time.Second).Milliseconds()))
	require.NoError(t, err)
	require.Equal(t, 1, ended, "the process outlived the lab that started it")
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	ready, writer := io.Pipe()
	stubborn, err := start(command{path: "/bin/sh", arguments: []string{"-c", "trap '' TERM; echo ready; while :; do sleep 1; done"}}, writer)
	require.NoError(t, err)
	_, err = bufio.NewReader(ready).ReadString('\n')
	require.NoError(t, err)
	stubborn.stop(50 * time.Millisecond)
	require.ErrorContains(t, stubborn.err, "killed")
}

func TestReasonHasTheLastLine(t *testing.T) {
	failing, err := start(command{path: "/bin/sh", arguments: []string{"-c", "echo first; echo no such flag >&2; exit 3"}}, io.Discard)
	require.NoError(t, err)
	<-failing.done
	require.Equal(t, "exit status 3: no such flag", failing.reason())
}
