package commandprovider

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// process is a command that is about to run.
type process struct {
	arguments   []string
	directory   string
	environment []string
	stdin       string
}

// output is what a process wrote.
type output struct{ stdout, stderr, both string }

func newProcess(command string, inputs Inputs) (process, error) {
	directory, err := os.Getwd() // named, so that PWD says it too
	p := process{arguments: []string{"/bin/sh", "-c"}, directory: directory, environment: os.Environ()}

	if inputs.Interpreter != nil && len(*inputs.Interpreter) > 0 {
		p.arguments = append([]string{}, *inputs.Interpreter...)
	}

	p.arguments = append(p.arguments, command)

	if inputs.Dir != nil {
		p.directory = *inputs.Dir
	}

	if inputs.Environment != nil {
		for name, value := range *inputs.Environment {
			p.environment = append(p.environment, name+"="+value)
		}
	}

	if inputs.Stdin != nil {
		p.stdin = *inputs.Stdin
	}

	return p, err
}

// addPreviousOutput hands the process what the command before it wrote, as far as it wrote anything.
func (p *process) addPreviousOutput(stdout, stderr string) {
	if stdout != "" {
		p.environment = append(p.environment, "PULUMI_COMMAND_STDOUT="+stdout)
	}

	if stderr != "" {
		p.environment = append(p.environment, "PULUMI_COMMAND_STDERR="+stderr)
	}
}

// run runs the process and shows its lines meanwhile. A cancelled context kills it, though not what it started itself.
// Nothing kills it when this plugin dies: as with the official one, it goes on alone.
func (p *process) run(ctx context.Context, logging *Logging, show func(line string)) (output, error) {
	var (
		stdout, stderr, both bytes.Buffer
		group                errgroup.Group
	)

	reader, shown := io.Pipe()

	group.Go(func() error { return logLines(reader, show) })

	together := &synchronized{writer: &both}

	command := exec.CommandContext(ctx, p.arguments[0], p.arguments[1:]...)
	command.Dir, command.Env = p.directory, p.environment
	command.Stdout = writers(logging.shows(LogStdout), shown, &stdout, together)
	command.Stderr = writers(logging.shows(LogStderr), shown, &stderr, together)

	if p.stdin != "" {
		command.Stdin = strings.NewReader(p.stdin)
	}

	err := command.Run()

	_ = shown.Close() // the end of a pipe in memory: it gives no error

	if logErr := group.Wait(); err == nil {
		err = logErr
	}

	return output{
		stdout: strings.TrimSuffix(stdout.String(), "\n"),
		stderr: strings.TrimSuffix(stderr.String(), "\n"),
		both:   both.String(),
	}, err
}

// writers joins where a stream goes; it is shown if wanted.
func writers(isShown bool, shown io.Writer, others ...io.Writer) io.Writer {
	if isShown {
		others = append(others, shown)
	}

	return io.MultiWriter(others...)
}

// synchronized lets two streams write into one.
type synchronized struct {
	mutex  sync.Mutex
	writer io.Writer
}

func (s *synchronized) Write(data []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	return s.writer.Write(data)
}
