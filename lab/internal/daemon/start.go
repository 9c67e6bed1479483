package daemon

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/folder"
)

// A daemon that was started detached says on a file descriptor that it is ready, or why not. The variable tells it that somebody listens.
const (
	readyFD       = 3
	readyVariable = "LAB_DAEMON_DETACHED"
	ready         = "ready"
)

// Start starts the program detached, as the leader of a session of its own, and waits until it takes orders.
func Start(f folder.Folder, program string, arguments ...string) error {
	output, err := openLog(f)
	if err != nil {
		return err
	}
	defer output.Close()

	said, says, err := os.Pipe()
	if err != nil {
		return err
	}
	defer said.Close()

	command := exec.Command(program, arguments...)
	command.Stdout, command.Stderr = output, output
	command.ExtraFiles = []*os.File{says} // becomes readyFD
	command.Env = append(os.Environ(), readyVariable+"=yes")
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = command.Start()

	_ = says.Close()

	if err != nil {
		return err
	}

	words, err := io.ReadAll(said) // to its end: the daemon closes it, or dies
	if err != nil {
		return err
	}

	if string(words) == ready {
		return command.Process.Release()
	}

	_ = command.Wait() // so that nothing of it is left when the error is read

	message := string(words)
	if message == "" {
		message = "it ended without a word"
	}

	return fmt.Errorf("the lab could not be started: %s (log: %s)", message, output.Name())
}

// openLog begins a log; the one before is kept.
func openLog(f folder.Folder) (*os.File, error) {
	path := filepath.Join(f.Logs(), "daemon.log")
	if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}

	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// Report tells who started this process detached that it is ready, or why not, once. Without such a one it does nothing.
func Report() (report func(error)) {
	if os.Getenv(readyVariable) == "" {
		return func(error) {}
	}

	_ = os.Unsetenv(readyVariable) // not for its children

	unix.CloseOnExec(readyFD)
	pipe := os.NewFile(readyFD, "ready")

	return func(err error) {
		message := ready
		if err != nil {
			message = err.Error()
		}

		_, _ = io.WriteString(pipe, message) // nobody may be there any more to read it
		_ = pipe.Close()
	}
}
