package apitest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// process is a child that does not outlive the test binary, however that ends.
type process struct {
	command *exec.Cmd
	log     string
	ended   chan struct{}
}

func launch(binary, directory string, arguments ...string) (*process, error) {
	result := &process{
		command: exec.Command(binary, arguments...),
		log:     filepath.Join(directory, filepath.Base(binary)+".log"),
		ended:   make(chan struct{}),
	}

	log, err := os.Create(result.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	result.command.Stdout, result.command.Stderr = log, log

	result.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}

	if err := result.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", binary, err)
	}
	go func() {
		_ = result.command.Wait() // how it ended is in its log
		close(result.ended)
	}()

	return result, nil
}

func (process *process) stop() error {
	if err := process.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}

	<-process.ended

	return nil
}

// lastWords is the end of what the process wrote.
func (process *process) lastWords() string {
	text, err := os.ReadFile(process.log)
	if err != nil {
		return err.Error()
	}

	return string(text[max(0, len(text)-2000):])
}
