import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inspect, inspectProc, isAlive, type Process, parsePs } from "../../operations/lib/script/processes.ts";
import { assertRunning, destroysAll, findRun } from "../../operations/lib/script/run.ts";

/** A process table: each process is the child of the one before. */
const table = (...names: string[]) => {
  const processes = names.map((name, i): Process => ({ pid: i + 1, parent: i, name, identity: `${i + 1}-boot.${i}` }));
  return { look: (pid: number) => processes[pid - 1], script: processes.length, processes };
};

test("the run is the engine's, however many processes are between", () => {
  const { look, script } = table("init", "bash", "node", "pulumi", "pulumi-resource-command", "sh", "node");
  expect(findRun(script, true, look)).toMatchObject({ identity: "4-boot.3", label: "pulumi (PID 4)" });
  expect(findRun(script, false, look)).toMatchObject({ identity: "4-boot.3" });
});

test("two commands of one engine are one run", () => {
  const { look, script } = table("init", "pulumi", "pulumi-resource-command", "node");
  const more = (pid: number) => (pid === 5 ? { pid: 5, parent: 3, name: "node", identity: "5-boot.9" } : look(pid));
  expect(findRun(5, false, more).identity).toBe(findRun(script, false, more).identity);
});

test("by hand the run is the script's own", () => {
  const { look, script } = table("init", "pulumi", "bash", "node"); // a shell that a pulumi started is no Command
  expect(findRun(script, false, look)).toMatchObject({ identity: "4-boot.3", label: "a script run by hand (PID 4)" });
});

test("without its engine a script belongs to no run", () => {
  const orphaned = table("systemd", "pulumi-resource-command", "sh", "node");
  expect(() => findRun(4, false, orphaned.look)).toThrow("engine that started this script is gone");
  const alone = table("systemd", "node");
  expect(() => findRun(2, true, alone.look)).toThrow("engine that started this script is gone");
});

test.each<[boolean, ...string[]]>([
  [true, "destroy"],
  [true, "destroy", "--yes", "--skip-preview", "-s", "prod"],
  [false, "up", "-m", "destroy"],
  [false, "destroy", "--yes", "--target", "urn"],
  [false, "destroy", "--target-dependents"],
  [false, "destroy", "-yt=urn"],
  [false, "destroy", "--exclude=urn"],
  [false, "--stack", "destroy", "up"],
  [false, "-C", "somewhere", "destroy"],
  [false],
])("only what is plainly a destroy of all is one: %s", (all, ...words) => {
  const { look, script } = table("init", "pulumi", "pulumi-resource-command", "node");
  expect(destroysAll(findRun(script, true, look), (pid) => (pid === 2 ? words : []))).toBe(all);
  const hand = table("init", "bash", "node");
  expect(destroysAll(findRun(hand.script, false, hand.look), () => words)).toBe(false);
});

test("a run ends with its engine, and a Command with what started it", () => {
  const { look, script } = table("init", "pulumi", "pulumi-resource-command", "sh", "node");
  const run = findRun(script, true, look);
  expect(() => assertRunning(run, look)).not.toThrow();
  expect(() => assertRunning(run, (pid) => (pid === 2 ? undefined : look(pid)))).toThrow(
    "pulumi (PID 2), which started this script, is gone",
  );
  const again = (pid: number) => (pid === 2 ? { pid: 2, parent: 1, name: "pulumi", identity: "2-boot.77" } : look(pid));
  expect(() => assertRunning(run, again)).toThrow("is gone"); // the same PID, another process
  const adopted = (pid: number) => (pid === 5 ? { ...run.script, parent: 1 } : look(pid));
  expect(() => assertRunning(run, adopted)).toThrow("was stopped");
});

test("a process is known by PID and start, and a dead one is not there", async () => {
  const child = spawn("sleep", ["600"]);
  await once(child, "spawn");
  const found = inspect(child.pid as number);
  expect(found).toMatchObject({ pid: child.pid, parent: process.pid, name: "sleep" });
  expect(isAlive(found?.identity ?? "")).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(inspect(child.pid as number)).toBeUndefined();
  expect(isAlive(found?.identity ?? "")).toBe(false);
});

test("one that has ended and was not reaped does not run any more", async () => {
  // The shell turns into a sleep, which never reaps the child that it had.
  const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  const pid = Number(String(line));
  try {
    await expect.poll(() => inspectProc(parent.pid as number)?.name).toBe("sleep");
    expect(inspectProc(pid)).toMatchObject({ parent: parent.pid });
  } finally {
    process.kill(pid, "SIGKILL");
  }
  await expect.poll(() => inspectProc(pid)).toBeUndefined();
  expect(readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
  parent.kill("SIGKILL");
  await once(parent, "exit");
});

test("ps, as macOS and Linux print it", () => {
  expect(parsePs(7, "    1 S    Fri Nov 20 13:31:02 2026     /opt/homebrew/bin/pulumi\n")).toEqual({
    pid: 7,
    parent: 1,
    name: "pulumi",
    identity: `7-${Date.UTC(2026, 10, 20, 13, 31, 2)}`,
  });
  expect(parsePs(7, "  501 Ss+  Tue Feb  3 01:02:03 2026 /Users/a b/pulumi-resource-command\n")).toMatchObject({
    parent: 501,
    name: "pulumi-resource-command",
  });
  expect(parsePs(7, "  501 Z+   Tue Feb  3 01:02:03 2026 (pulumi)\n")).toBeUndefined();
  expect(parsePs(7, "")).toBeUndefined();
});
