package main

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"phoebe.dev/lab/internal/enginetest"
)

// kept is a program with one resource, whose hooks write down that they were called.
const kept = `import { appendFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const hook = (name: string) =>
  new pulumi.ResourceHook(name, async (args) => { appendFileSync("called", name + " " + args.name + "\n"); });

const stash = new pulumi.Stash("kept", { input: config.require("value") }, {
  hooks: { beforeCreate: [hook("create")], beforeUpdate: [hook("update")] },
});
export const value: pulumi.Output<string> = stash.output;
export const hidden = config.requireSecret("hidden");
`

func TestResourceHooksRunBeforeCreateAndBeforeUpdate(t *testing.T) {
	t.Parallel()

	project := enginetest.New(t, kept)
	called := func() string {
		text, err := os.ReadFile(project.Path("called"))
		require.NoError(t, err)

		return string(text)
	}

	project.MustRun("config", "set", "value", "one")
	project.MustRun("config", "set", "--secret", "hidden", "word")

	project.MustRun("preview")
	require.NoFileExists(t, project.Path("called"), "a preview runs no hook")

	output := project.MustRun("up", "--yes", "--skip-preview")

	require.Equal(t, "create kept\n", called())
	require.Contains(t, output, "[secret]")

	project.MustRun("config", "set", "value", "two")
	project.MustRun("up", "--yes", "--skip-preview")
	require.Equal(t, "create kept\nupdate kept\n", called())

	project.MustRun("up", "--yes", "--skip-preview", "--expect-no-changes")
	require.Equal(t, "create kept\nupdate kept\n", called())
}

func TestAFailingHookFailsTheRunBeforeTheResourceIsMade(t *testing.T) {
	t.Parallel()

	project := enginetest.New(t, `import * as pulumi from "@pulumi/pulumi";
const refuse = new pulumi.ResourceHook("refuse", () => { throw new Error("not on my watch"); });
new pulumi.Stash("kept", { input: 1 }, { hooks: { beforeCreate: [refuse] } });
`)

	output, err := project.Run("up", "--yes", "--skip-preview")
	require.Error(t, err)
	require.Contains(t, output, "not on my watch")
	require.NotContains(t, project.MustRun("stack", "export"), "pulumi:index:Stash")
}

func TestAnErrorIsReportedOnceAndAnExitCodeByItsNumber(t *testing.T) {
	t.Parallel()

	project := enginetest.New(t, `import * as pulumi from "@pulumi/pulumi";
throw new pulumi.RunError("the program says no");
`)

	output, err := project.Run("preview")
	require.Error(t, err)
	require.Contains(t, output, "the program says no")
	require.NotContains(t, output, "Program exited")

	project.Program("process.exit(7);")

	output, err = project.Run("preview")
	require.Error(t, err)
	require.Contains(t, output, "Program exited with non-zero exit code: 7")
}

func TestTheProgramDiesWithTheEngine(t *testing.T) {
	t.Parallel()

	project := enginetest.New(t, `import { writeFileSync } from "node:fs";
writeFileSync("started", String(process.pid));
await new Promise(() => setInterval(() => {}, 1000));
`)
	require.NoError(t, unix.Mkfifo(project.Path("started"), 0o600))

	engine := project.Command("preview")
	require.NoError(t, engine.Start())

	text, err := os.ReadFile(project.Path("started"))
	require.NoError(t, err)

	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)

	program, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)

	require.NoError(t, engine.Process.Kill())
	require.Error(t, engine.Wait())

	ended, err := unix.Poll([]unix.PollFd{{Fd: int32(program), Events: unix.POLLIN}}, 10_000)
	require.NoError(t, err)
	require.Equal(t, 1, ended, "the program still runs 10 s after its engine was killed")
}
