package controlplanetest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// CommandLine is what anybody on the machine can see of a process, and its environment.
type CommandLine struct {
	PID         int
	Arguments   []string
	Environment []string
}

// CommandLines are those of the node's programs, by program; a process is the node's when an argument names its folder.
func (n *Node) CommandLines() map[string]CommandLine {
	lines := map[string]CommandLine{}

	processes, _ := filepath.Glob("/proc/[0-9]*/cmdline") // a well-formed pattern
	for _, path := range processes {
		content, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(content), n.dir+"/") {
			continue // it ended, or is somebody else's
		}

		environment, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "environ")) // empty where it ended
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))                   // the pattern has digits alone
		arguments := strings.Split(strings.TrimSuffix(string(content), "\x00"), "\x00")
		lines[filepath.Base(arguments[0])] = CommandLine{pid, arguments[1:], strings.Split(string(environment), "\x00")}
	}

	return lines
}

// PIDs of the node's programs.
func (n *Node) PIDs() map[string]int {
	pids := map[string]int{}
	for name, line := range n.CommandLines() {
		pids[name] = line.PID
	}

	return pids
}
