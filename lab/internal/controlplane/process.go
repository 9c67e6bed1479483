package controlplane

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// command is a program with its arguments.
type command struct {
	path      string
	arguments []string
	env       []string
}

// process is a running command.
type process struct {
	cmd *exec.Cmd
	// done is closed when the process has ended; err is set before.
	done chan struct{}
	err  error
	tail *tail
}

// The kernel sends a child its parent-death signal when the *thread* that started it ends, so
// all children are started on one thread that lives as long as this program.
var starter = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())

	go func() {
		runtime.LockOSThread()

		for job := range jobs {
			job()
		}
	}()

	return jobs
})

// start runs a command whose life ends with this program's, even after a SIGKILL.
func start(c command, output io.Writer) (*process, error) {
	p := &process{cmd: exec.Command(c.path, c.arguments...), done: make(chan struct{}), tail: &tail{}}
	p.cmd.Env = append(c.env, "PATH="+os.Getenv("PATH"))
	// A group of its own: a terminal's Ctrl-C must not stop the services in an order of its own.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	writer := io.MultiWriter(output, p.tail)
	p.cmd.Stdout, p.cmd.Stderr = writer, writer

	failed := make(chan error)
	starter() <- func() { failed <- p.cmd.Start() }

	if err := <-failed; err != nil {
		return nil, err
	}

	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()

	return p, nil
}

// stop asks the process to end, and ends it after the grace period.
func (p *process) stop(grace time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself

	select {
	case <-p.done:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// reason says how an ended process ended.
func (p *process) reason() string {
	if p.err == nil {
		return "exited"
	}

	return fmt.Sprintf("%s: %s", p.err, p.tail.last())
}

// tail keeps the last line that a process wrote.
type tail struct {
	mutex sync.Mutex
	line  []byte
}

func (t *tail) Write(data []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	if line := lines[len(lines)-1]; len(line) > 0 {
		t.line = bytes.Clone(line[:min(len(line), 300)])
	}

	return len(data), nil
}

func (t *tail) last() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	return string(t.line)
}
