package daemon_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/daemon"
	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/machine"
	"phoebe.dev/lab/internal/processes"
)

// lab is a folder that remembers one stack with two machines.
func lab(t *testing.T, prefix string) (folder.Folder, *folder.Memory) {
	t.Helper()
	f, err := folder.Open(filepath.Join(t.TempDir(), "lab"))
	require.NoError(t, err)
	memory, err := f.Recall()
	require.NoError(t, err)
	require.NoError(t, memory.Ports(f))
	stack := memory.Stack("lab")
	stack.Active, stack.Endpoint = true, prefix+".8:6443"
	stack.Machines = []folder.Machine{
		{Name: "c1", Address: prefix + ".11", Arch: "amd64", Talos: "v1.13.0"},
		{Name: "w1", Address: prefix + ".21", Arch: "amd64", Talos: "v1.13.0"},
	}

	require.NoError(t, f.Remember(memory))
	t.Setenv(daemonVariable, f.Path)
	t.Cleanup(func() {
		if running, err := daemon.Running(f); err == nil && running != nil {
			running.Signal(unix.SIGKILL)
			running.WaitGone(10 * time.Second)
		}
	})

	return f, memory
}

func start(t *testing.T, f folder.Folder) processes.Process {
	t.Helper()
	require.NoError(t, daemon.Start(f, os.Args[0]))
	running, err := daemon.Running(f)
	require.NoError(t, err)
	require.NotNil(t, running)

	return *running
}

func stages(t *testing.T, f folder.Folder) map[string]string {
	t.Helper()
	snapshots, err := daemon.Dial(f).Machines(t.Context())
	require.NoError(t, err)

	found := map[string]string{}
	for _, snapshot := range snapshots {
		found[snapshot.Name] = snapshot.Stage
	}

	return found
}

func requireNothingLeft(t *testing.T, f folder.Folder, memory *folder.Memory, of []processes.Process) {
	t.Helper()

	for _, process := range of {
		require.True(t, process.WaitGone(5*time.Second), "process %d", process.PID)
	}

	for _, address := range []string{memory.Factory, memory.Charts, memory.Stack("lab").Machines[0].Address + ":50000"} {
		_, err := net.Dial("tcp", address)
		require.ErrorIs(t, err, unix.ECONNREFUSED, address)
	}

	for _, path := range []string{f.Socket(), f.PID()} {
		require.NoFileExists(t, path)
	}
}

func TestLifeOfALab(t *testing.T) {
	f, memory := lab(t, "127.204.1")
	process := start(t, f)
	require.Equal(t, map[string]string{"c1": "running", "w1": "running"}, stages(t, f))

	for address, expected := range map[string]string{memory.Factory: "factory", memory.Charts: "charts"} {
		response, err := http.Get("http://" + address)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, expected, string(body))
	}

	require.ErrorContains(t, daemon.Start(f, os.Args[0]), "running already")

	started, err := process.Descendants()
	require.NoError(t, err)
	require.Len(t, started, 2)
	require.NoError(t, daemon.Stop(f, memory))
	requireNothingLeft(t, f, memory, append(started, process))

	require.NoError(t, daemon.Stop(f, memory), "the second time")
}

func TestAKilledLabIsStartedAndStoppedAgain(t *testing.T) {
	f, memory := lab(t, "127.204.2")
	process := start(t, f)
	started, err := process.Descendants()
	require.NoError(t, err)
	require.NoError(t, process.Signal(unix.SIGKILL))
	require.True(t, process.WaitGone(5*time.Second))

	again := start(t, f)
	require.NotEqual(t, process, again)
	require.Equal(t, map[string]string{"c1": "running", "w1": "running"}, stages(t, f))
	require.NoError(t, again.Signal(unix.SIGKILL))
	require.True(t, again.WaitGone(5*time.Second))
	require.NoError(t, daemon.Stop(f, memory))
	requireNothingLeft(t, f, memory, append(started, process, again))
}

func TestALabEndsWithTheProcessForWhichItIsThere(t *testing.T) {
	f, memory := lab(t, "127.204.3")
	owner := exec.Command("sleep", "600")
	require.NoError(t, owner.Start())
	t.Setenv("LAB_OWNER", strconv.Itoa(owner.Process.Pid))
	process := start(t, f)
	started, err := process.Descendants()
	require.NoError(t, err)
	require.NoError(t, owner.Process.Kill())
	require.Error(t, owner.Wait())
	requireNothingLeft(t, f, memory, append(started, process))

	t.Setenv("LAB_OWNER", strconv.Itoa(owner.Process.Pid))
	require.ErrorContains(t, daemon.Start(f, os.Args[0]), "LAB_OWNER")
}

func TestOrders(t *testing.T) {
	f, memory := lab(t, "127.204.4")
	start(t, f)
	client := daemon.Dial(f)
	require.NoError(t, client.Fault(t.Context(), "w1", machine.FaultOff))
	require.Equal(t, map[string]string{"c1": "running", "w1": "off"}, stages(t, f))
	require.NoError(t, client.Fault(t.Context(), "w1", machine.FaultOn))
	require.ErrorContains(t, client.Fault(t.Context(), "w9", machine.FaultOff), "no such machine")

	stack := memory.Stack("lab")
	stack.Machines = append(stack.Machines[:1], folder.Machine{Name: "w2", Address: "127.204.4.22", Arch: "amd64", Talos: "v1.13.0"})

	require.NoError(t, f.Remember(memory))
	require.NoError(t, client.Refresh(t.Context()))
	require.Equal(t, map[string]string{"c1": "running", "w1": "off", "w2": "running"}, stages(t, f))

	stack.Machines = append(stack.Machines, folder.Machine{Name: "w1", Address: "127.204.4.21", Arch: "amd64", Talos: "v1.13.0"})

	require.NoError(t, client.Fault(t.Context(), "c1", machine.FaultOff))
	require.NoError(t, f.Remember(memory))
	require.NoError(t, client.Refresh(t.Context()))
	require.Equal(t, map[string]string{"c1": "off", "w1": "running", "w2": "running"}, stages(t, f), "declared again; what a person switched off stays off")

	stack.Machines[1].Address = "127.204.4.23"

	require.NoError(t, f.Remember(memory))
	require.ErrorContains(t, client.Refresh(t.Context()), "keeps its address")
}

func TestAPortInUseIsNamed(t *testing.T) {
	for _, port := range []string{"50000", "6443"} {
		f, memory := lab(t, "127.204.5")
		address := "127.204.5.21:" + port
		other, err := net.Listen("tcp", address)
		require.NoError(t, err)
		require.ErrorContains(t, daemon.Start(f, os.Args[0]), address+" is in use by another program")
		running, err := daemon.Running(f)
		require.NoError(t, err)
		require.Nil(t, running)
		require.NoError(t, other.Close())
		start(t, f)
		require.NoError(t, daemon.Stop(f, memory))
	}
}

func TestNoLabRuns(t *testing.T) {
	f, _ := lab(t, "127.204.6")
	_, err := daemon.Dial(f).Machines(t.Context())
	require.ErrorContains(t, err, "npm run lab")
	require.NoError(t, os.WriteFile(f.PID(), []byte(`{"pid":1,"started":"another boot/1"}`), 0o600))
	running, err := daemon.Running(f)
	require.NoError(t, err)
	require.Nil(t, running, "another process has that PID now")
}
