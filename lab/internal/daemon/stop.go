package daemon

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/folder"
	"phoebe.dev/lab/internal/processes"
)

// How long the machines may take to shut down, and what was killed to disappear.
const (
	shutdown = 90 * time.Second
	killed   = 10 * time.Second
)

// Stop ends the daemon, where one runs, and all that it started, and waits until no process and no port of them is left.
func Stop(f folder.Folder, memory *folder.Memory) error {
	daemon, err := Running(f)
	if err != nil {
		return err
	}

	if daemon != nil {
		if err := end(*daemon); err != nil {
			return err
		}
	}

	for _, path := range []string{f.PID(), f.Socket()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}

	return waitClosed(listening(memory))
}

func end(daemon processes.Process) error {
	started, err := daemon.Descendants()
	if err != nil {
		return err
	}

	if err := daemon.Signal(unix.SIGTERM); err != nil {
		return err
	}

	if !daemon.WaitGone(shutdown) {
		if err := daemon.Signal(unix.SIGKILL); err != nil {
			return err
		}

		if !daemon.WaitGone(killed) {
			return fmt.Errorf("process %d of the lab does not end, not even killed", daemon.PID)
		}
	}
	// The kernel ends what the machines ran together with the daemon; this is for what it may have missed.
	for _, process := range started {
		if process.WaitGone(time.Second) {
			continue
		}

		if err := process.Signal(unix.SIGKILL); err != nil {
			return err
		}

		if !process.WaitGone(killed) {
			return fmt.Errorf("process %d of the lab does not end, not even killed", process.PID)
		}
	}

	return nil
}

// Ports of a machine: Talos's API, Kubernetes's, etcd's.
var machinePorts = []string{"50000", "6443", "2379", "2380"}

// listening are the addresses at which a lab may listen.
func listening(memory *folder.Memory) []string {
	addresses := []string{memory.Factory, memory.Charts}
	for _, stack := range memory.Stacks {
		if stack.Active {
			addresses = append(addresses, stack.Endpoint)
			for _, bought := range stack.Machines {
				for _, port := range machinePorts {
					addresses = append(addresses, net.JoinHostPort(bought.Address, port))
				}
			}
		}
	}

	return addresses
}

func waitClosed(addresses []string) error {
	deadline := time.Now().Add(killed)

	for _, address := range addresses {
		for address != "" && answers(address) {
			if time.Now().After(deadline) {
				return fmt.Errorf("%s still answers, though the lab has ended: another program listens there (`ss -ltnp` shows which)", address)
			}

			time.Sleep(50 * time.Millisecond)
		}
	}

	return nil
}

func answers(address string) bool {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}

	_ = connection.Close()

	return true
}
