// Package enginetest runs Pulumi programs of tests with the real engine, the lab's language host and the lab's plugins.
package enginetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Plugin is a provider plugin of the lab: the name of its package and the version under which the engine finds it.
type Plugin struct{ Name, Version string }

// Project is a Pulumi project with one stack, in folders of its own that end with the test.
type Project struct {
	t           testing.TB
	directory   string
	environment []string
}

const settings = `name: project
runtime:
  name: nodejs
  options: { typescript: false }
`

const packages = `{"type": "module", "main": "index.ts", "dependencies": {"@pulumi/pulumi": "*"}}
`

// New makes a project whose program is the given TypeScript, and its stack.
func New(t testing.TB, program string, plugins ...Plugin) *Project {
	t.Helper()

	tools := os.Getenv("PHOEBE_TOOLS")
	require.NotEmpty(t, tools, "PHOEBE_TOOLS is not set: give it the folder that holds the pulumi to test with")

	root := t.TempDir()
	bin, home, state := filepath.Join(root, "bin"), filepath.Join(root, "home"), filepath.Join(root, "state")
	project := &Project{t: t, directory: filepath.Join(root, "project")}

	for _, folder := range []string{bin, home, state, project.directory} {
		require.NoError(t, os.MkdirAll(folder, 0o700))
	}

	modules := filepath.Join(repository(), "node_modules")

	require.NoError(t, os.Symlink(filepath.Join(tools, "pulumi"), filepath.Join(bin, "pulumi")))
	require.NoError(t, os.Symlink(modules, filepath.Join(project.directory, "node_modules")))

	build(t, "pulumi-language-nodejs", bin)

	for _, plugin := range plugins {
		folder := filepath.Join(home, "plugins", fmt.Sprintf("resource-%s-v%s", plugin.Name, plugin.Version))
		require.NoError(t, os.MkdirAll(folder, 0o700))
		build(t, "pulumi-resource-"+plugin.Name, folder)
	}

	project.environment = append(os.Environ(),
		"PATH="+strings.Join([]string{bin, filepath.Join(modules, ".bin"), os.Getenv("PATH")}, ":"),
		"PULUMI_HOME="+home,
		"PULUMI_BACKEND_URL=file://"+state,
		"PULUMI_CONFIG_PASSPHRASE=only for this test",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
	)

	project.Write("Pulumi.yaml", settings)
	project.Write("package.json", packages)
	project.Program(program)
	project.MustRun("stack", "init", "test")

	return project
}

// Program replaces the program.
func (p *Project) Program(text string) {
	p.t.Helper()
	p.Write("index.ts", text)
}

// Write writes a file of the project.
func (p *Project) Write(name, text string) {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(p.Path(name), []byte(text), 0o600))
}

// Path is where a file of the project lies.
func (p *Project) Path(name string) string { return filepath.Join(p.directory, name) }

// Command is pulumi with arguments, not started yet.
func (p *Project) Command(arguments ...string) *exec.Cmd {
	pulumi := filepath.Join(filepath.Dir(p.directory), "bin", "pulumi")
	command := exec.Command(pulumi, append(arguments, "--non-interactive")...)
	command.Dir, command.Env = p.directory, p.environment

	return command
}

// Run runs pulumi and gives all that it said.
func (p *Project) Run(arguments ...string) (string, error) {
	output, err := p.Command(arguments...).CombinedOutput()

	return string(output), err
}

// MustRun is Run for what has to succeed.
func (p *Project) MustRun(arguments ...string) string {
	p.t.Helper()

	output, err := p.Run(arguments...)
	require.NoError(p.t, err, output)

	return output
}

func build(t testing.TB, command, folder string) {
	t.Helper()

	compiler := exec.Command("go", "build", "-o", filepath.Join(folder, command), "./cmd/"+command)
	compiler.Dir = filepath.Join(repository(), "lab")

	output, err := compiler.CombinedOutput()
	require.NoError(t, err, string(output))
}

// repository is the root of the working copy that this file belongs to.
func repository() string {
	_, file, _, _ := runtime.Caller(0)

	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}
