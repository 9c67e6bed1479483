package pulumi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// project is the one of Pulumi.yaml: the name under which a backend keeps its stacks.
const project = "phoebe"

// Init makes the stack in the lab's state, once. Pulumi writes the salt of the passphrase beside the project file: here into the derived stack
// file, never into the repository's.
func (h Home) Init(ctx context.Context, stack string) error {
	if _, err := os.Stat(filepath.Join(h.Folder.State(), ".pulumi", "stacks", project, stack+".json")); err == nil {
		return nil
	}

	description := []byte("name: " + project + "\nruntime: nodejs\n")
	if err := os.WriteFile(filepath.Join(h.Folder.Path, "Pulumi.yaml"), description, 0o600); err != nil {
		return err
	}

	command, err := h.command(ctx, stack, "stack", "select", stack, "--create", "--non-interactive")
	if err != nil {
		return err
	}

	command.Dir = h.Folder.Path
	command.Env = slices.DeleteFunc(command.Env, func(entry string) bool { return strings.HasPrefix(entry, "PULUMI_OPTION_") })

	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("pulumi stack select %s --create: %w\n%s", stack, err, bytes.TrimSpace(out))
	}

	return nil
}

// Up runs `pulumi up`, its output streamed. An *exec.ExitError carries its exit code.
func (h Home) Up(ctx context.Context, stack string) error {
	arguments := []string{"up", "--yes", "--skip-preview", "--suppress-permalink=true", "--suppress-outputs"}

	interactive := term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
	if !interactive {
		arguments = append(arguments, "--non-interactive", "--color=never")
	}

	command, err := h.command(ctx, stack, arguments...)
	if err != nil {
		return err
	}

	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	// A terminal's Ctrl-C reaches Pulumi by itself, and a second one would be taken for impatience.
	if interactive {
		command.Cancel = func() error { return nil }
	}

	return command.Run()
}

// Outputs are the stack's outputs, secret ones in plain text: never to be printed.
func (h Home) Outputs(ctx context.Context, stack string) (map[string]json.RawMessage, error) {
	command, err := h.command(ctx, stack, "stack", "output", "--json", "--show-secrets", "--non-interactive")
	if err != nil {
		return nil, err
	}

	var problems bytes.Buffer

	command.Stderr = &problems

	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("pulumi stack output: %w\n%s", err, bytes.TrimSpace(problems.Bytes()))
	}

	var outputs map[string]json.RawMessage

	return outputs, json.Unmarshal(out, &outputs)
}

// command is the program itself, not npm's shim, so that signals reach it. It ends with this process, gracefully.
func (h Home) command(ctx context.Context, stack string, arguments ...string) (*exec.Cmd, error) {
	cli, err := h.cli()
	if err != nil {
		return nil, err
	}

	command := exec.CommandContext(ctx, filepath.Join(cli, "pulumi"), arguments...)
	command.Dir = h.Root
	command.Env = h.environ(stack)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}

	return command, nil
}

// ErrLocked says that the state is locked.
var ErrLocked = errors.New("the state is locked")

// Unlocked is nil when no run holds the stack's state. A run that was killed holds it until somebody says that it is gone.
func (h Home) Unlocked(stack string) error {
	locks, err := filepath.Glob(filepath.Join(h.Folder.State(), ".pulumi", "locks", "organization", project, stack, "*.json"))
	if err != nil || len(locks) == 0 {
		return err
	}

	for _, path := range locks {
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}

		if err != nil {
			return err
		}

		var lock struct{ PID int }
		if err := json.Unmarshal(content, &lock); err == nil && lock.PID > 0 && unix.Kill(lock.PID, 0) == nil {
			return fmt.Errorf("%w by another run, process %d: wait until that has ended", ErrLocked, lock.PID)
		}
	}

	return fmt.Errorf("%w by a run that was killed. Say that it is gone with `pulumi cancel`, then try again:\n\n  %s\n  npx pulumi cancel --yes",
		ErrLocked, h.EvalLine())
}

// evalLine sets the lab's environment in a shell.
const evalLine = `eval "$(npm run --silent lab -- env{})"`

// EvalLine is the line with which a shell comes to address this lab.
func (h Home) EvalLine() string { return strings.ReplaceAll(evalLine, "{}", h.Option()) }

// Option is the --dir that leads to this lab, "" where that is the default.
func (h Home) Option() string {
	if h.Folder.Path == filepath.Join(h.Root, ".lab") {
		return ""
	}

	return " --dir " + h.Folder.Path
}
