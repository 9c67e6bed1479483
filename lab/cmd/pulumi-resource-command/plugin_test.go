package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/commandprovider"
	"phoebe.dev/lab/internal/enginetest"
)

const program = `import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";

const config = new pulumi.Config();

export const { stdout } = new local.Command("one", {
  create: "echo created with $WORD; echo shown >&2",
  update: "echo updated after $PULUMI_COMMAND_STDOUT",
  delete: "echo $WORD > deleted",
  environment: { WORD: config.requireSecret("word"), ROUND: config.require("round") },
  triggers: [config.require("trigger")],
});
`

var plugin = enginetest.Plugin{Name: commandprovider.Name, Version: commandprovider.Version}

func TestCommandsRunUnderTheEngine(t *testing.T) {
	t.Parallel()

	project := enginetest.New(t, program, plugin)
	set := func(name string, value ...string) {
		project.MustRun(append([]string{"config", "set", name}, value...)...)
	}

	set("word", "--secret", "confidential")
	set("round", "1")
	set("trigger", "1")

	preview := project.MustRun("preview")
	require.NotContains(t, preview, "confidential")

	output := project.MustRun("up", "--yes", "--skip-preview")
	require.Contains(t, output, "shown", "lines are shown while the command runs")

	state := project.MustRun("stack", "export")
	require.NotContains(t, state, `"WORD": "confidential"`)
	require.Contains(t, state, `"stdout": "created with confidential"`, "what is printed is no secret")

	project.MustRun("up", "--yes", "--skip-preview", "--expect-no-changes")

	set("round", "2")
	project.MustRun("up", "--yes", "--skip-preview")
	require.Contains(t, project.MustRun("stack", "export"), `"stdout": "updated after created with confidential"`)
	require.NoFileExists(t, project.Path("deleted"))

	set("trigger", "2")
	require.Contains(t, project.MustRun("up", "--yes", "--skip-preview"), "1 replaced")
	require.FileExists(t, project.Path("deleted"), "a trigger deletes the old one")
}

func TestAFailedUpdateIsResumed(t *testing.T) {
	t.Parallel()

	project := enginetest.New(t, `import { local } from "@pulumi/command";
new local.Command("one", { create: "true", update: "exit 9" });
`, plugin)
	project.MustRun("up", "--yes", "--skip-preview")

	project.Program(`import { local } from "@pulumi/command";
new local.Command("one", { create: "true", update: "echo why; exit 9", environment: { A: "1" } });
`)

	for range 2 {
		output, err := project.Run("up", "--yes", "--skip-preview")
		require.Error(t, err)
		require.Contains(t, output, `exit status 9: running "echo why; exit 9"`)
		require.Contains(t, output, "why\n")
	}
}

// When the engine dies, its call is cancelled and the shell is killed; what the shell started runs on, and nobody waits for it.
func TestWhatACommandStartedOutlivesTheEngine(t *testing.T) {
	t.Parallel()

	project := enginetest.New(t, `import { local } from "@pulumi/command";
new local.Command("one", { create: "echo $PPID $$ > processes; sh work.sh; echo > never" });
`, plugin)
	project.Write("work.sh", "read line < go; echo $line > finished\n")

	for _, name := range []string{"processes", "go", "finished"} {
		require.NoError(t, unix.Mkfifo(project.Path(name), 0o600))
	}

	read := func(name string) string { // waits until it is written
		text, err := os.ReadFile(project.Path(name))
		require.NoError(t, err)

		return strings.TrimSpace(string(text))
	}

	engine := project.Command("up", "--yes", "--skip-preview")
	require.NoError(t, engine.Start())

	var process, shell int

	_, err := fmt.Sscan(read("processes"), &process, &shell)
	require.NoError(t, err)

	ended, err := unix.PidfdOpen(shell, 0)
	require.NoError(t, err)

	goOn, err := os.OpenFile(project.Path("go"), os.O_WRONLY, 0) // waits until the work has begun
	require.NoError(t, err)

	require.NoError(t, engine.Process.Kill())
	require.Error(t, engine.Wait())

	count, err := unix.Poll([]unix.PollFd{{Fd: int32(ended), Events: unix.POLLIN}}, 10_000)
	require.NoError(t, err)
	require.Equal(t, 1, count, "the shell still runs 10 s after the engine was killed")

	_, err = goOn.WriteString("on\n")
	require.NoError(t, err)
	require.NoError(t, goOn.Close())
	require.Equal(t, "on", read("finished"))

	require.NoFileExists(t, project.Path("never"))
	require.NoError(t, unix.Kill(process, unix.SIGKILL), "the plugin itself notices only minutes later")
}
