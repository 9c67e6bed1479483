// Package processes names processes of this machine for good, so that no other one is ever ended in their place.
package processes

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Process is one process. A PID is used again; with the time of its start it is not.
type Process struct {
	PID     int    `json:"pid"`
	Started string `json:"started"` // boot and clock ticks since
}

// Self is the calling process.
func Self() (Process, error) { return Find(os.Getpid()) }

// Find is the process that has the PID now.
func Find(pid int) (Process, error) {
	fields, err := stat(pid)
	if err != nil {
		return Process{}, err
	}

	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return Process{}, err
	}

	return Process{PID: pid, Started: strings.TrimSpace(string(boot)) + "/" + fields[19]}, nil
}

// stat is what /proc tells of a process, from its state on. Its name comes before, in parentheses, and may hold anything.
func stat(pid int) ([]string, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}

	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	if len(fields) < 20 {
		return nil, fmt.Errorf("/proc/%d/stat has %d fields after the name", pid, len(fields))
	}

	return fields, nil
}

// Alive says whether this very process runs; one that has ended and was not yet waited for does not. A process that is being killed may be without its
// first thread already, and so look ended, while others still hold its sockets open.
func (p Process) Alive() bool {
	now, err := Find(p.PID)
	if err != nil || now != p {
		return false
	}

	fields, err := stat(p.PID)
	if err != nil {
		return false
	}

	state, threads := fields[0], fields[17]

	return state != "X" && (state != "Z" || threads != "1")
}

// Signal sends a signal to this very process; one that has ended is no error. The file descriptor keeps the PID from being used again in between.
func (p Process) Signal(signal unix.Signal) error {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if err == nil {
		defer unix.Close(fd)

		if !p.Alive() {
			return nil
		}

		err = unix.PidfdSendSignal(fd, signal, nil, 0)
	}

	if errors.Is(err, unix.ESRCH) {
		return nil
	}

	return err
}

// WaitGone waits until the process runs no more; false: it still does after that time.
func (p Process) WaitGone(limit time.Duration) bool {
	for deadline := time.Now().Add(limit); p.Alive(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}

	return true
}

// Descendants are all that a process has started, directly or not.
func (p Process) Descendants() ([]Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}

	children := map[int][]int{}

	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}

		if fields, err := stat(pid); err == nil { // else it has ended meanwhile
			parent, _ := strconv.Atoi(fields[1]) // the kernel writes a number
			children[parent] = append(children[parent], pid)
		}
	}

	var found []Process

	for open := children[p.PID]; len(open) > 0; open = open[1:] {
		if process, err := Find(open[0]); err == nil {
			found = append(found, process)
		}

		open = append(open, children[open[0]]...)
	}

	return found, nil
}
