package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// grace is what an interrupted program gets to end by itself.
const grace = 5 * time.Second

// runnerOf finds the script of @pulumi/pulumi that runs a program, as Node.js would from the program's directory.
func runnerOf(directory string) (string, error) {
	for parent := directory; ; parent = filepath.Dir(parent) {
		runner := filepath.Join(parent, "node_modules", "@pulumi", "pulumi", "cmd", "run", "index.js")
		if _, err := os.Stat(runner); err == nil {
			return runner, nil
		}

		if parent == filepath.Dir(parent) {
			return "", fmt.Errorf("@pulumi/pulumi is not installed for %s: run npm ci there", directory)
		}
	}
}

// flags are what the runner is told on its command line.
func (h *host) flags(request *pulumirpc.RunRequest) []string {
	flags := []string{
		"--monitor", request.GetMonitorAddress(),
		"--engine", h.engine,
		"--organization", request.GetOrganization(),
		"--project", request.GetProject(),
		"--root-directory", request.GetInfo().GetRootDirectory(),
		"--stack", request.GetStack(),
		"--pwd", request.GetInfo().GetProgramDirectory(),
		"--parallel", strconv.Itoa(int(request.GetParallel())),
	}

	if request.GetDryRun() {
		flags = append(flags, "--dry-run")
	}

	return flags
}

// settingsOf are the stack's configuration and the names of its secret values, as the runner reads them from its environment.
func settingsOf(request *pulumirpc.RunRequest) ([]string, error) {
	values := map[string]string{}

	for name, value := range request.GetConfig() {
		key, err := config.ParseKey(name)
		if err != nil {
			return nil, fmt.Errorf("configuration key %q: %w", name, err)
		}

		values[key.Namespace()+":config:"+key.Name()] = value
	}

	secrets := request.GetConfigSecretKeys()
	if secrets == nil {
		secrets = []string{}
	}

	valuesJSON, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}

	secretsJSON, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}

	return []string{
		"PULUMI_CONFIG=" + string(valuesJSON),
		"PULUMI_CONFIG_SECRET_KEYS=" + string(secretsJSON),
	}, nil
}

// runWithParent runs a program that dies with this process.
func runWithParent(program *exec.Cmd) error {
	// The kernel sends the signal when the thread that started the program ends, so it has to stay.
	runtime.LockOSThread()

	defer runtime.UnlockOSThread()

	program.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	program.Cancel = func() error { return program.Process.Signal(os.Interrupt) }
	program.WaitDelay = grace

	// Node.js may make its streams non-blocking, so it gets pipes and not the streams that are shared with the engine.
	program.Stdout = struct{ io.Writer }{os.Stdout}
	program.Stderr = struct{ io.Writer }{os.Stderr}

	return program.Run()
}
