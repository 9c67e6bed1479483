import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLines } from "./support/lines.ts";
import { rollingVariables } from "./support/rolling.ts";
import { answers, node, repository, World } from "./support/world.ts";

const c1 = "127.207.4.1";
const nobody = "127.207.4.9";
let world: World;
beforeAll(async () => {
  world = await World.start([c1]);
  for (const name of ["pulumi", "pulumi-resource-command"]) symlinkSync(node, join(world.folder, name));
});
afterAll(() => world.stop());

const script = (verb: string) => `${node} operations/${verb}.ts`;
/** What a script is told that waits for a node which never answers. */
const told = (hostname: string) => ({ ...rollingVariables(world.folder, hostname, nobody), NODE_TIMEOUT: "600" });
const waiting = (hostname: string) => {
  const variables = Object.entries(told(hostname)).map(([name, value]) => `${name}=${value}`);
  return [...variables, script("upgrade-talos")].join(" ");
};

/** Starts commands as `pulumi up` does, and gives their lines one by one. */
function up(...commands: string[]) {
  const env = { ...world.environment, ENGINE: "pulumi" };
  const args = [join(import.meta.dirname, "support/engine.mjs"), world.folder, ...commands];
  const engine = execa(join(world.folder, "pulumi"), args, {
    cwd: repository,
    env,
    extendEnv: false,
    reject: false,
    stdin: "pipe",
    buffer: false,
  });
  return { engine, ...readLines(engine.stderr) };
}

test("another run waits for a killed engine's scripts, which stop by themselves", async () => {
  const first = up(waiting("w1"), waiting("w2"));
  await first.until("waiting for w1 (127.207.4.9): connection refused");
  await first.until("waiting for w2 (127.207.4.9): connection refused"); // one run, so it did not wait for w1's script

  const second = up(waiting("w3"));
  await second.until(`waiting for the lock of cluster phoebe: held by pulumi (PID ${first.engine.pid})`);
  expect(second.lines.join()).not.toContain("w3");

  first.engine.kill("SIGKILL");
  await first.ended; // nobody is left to write to it
  const gone = `pulumi (PID ${first.engine.pid}), which started this script, is gone. Nothing further was changed`;
  expect(first.lines.filter((line) => line.includes(gone))).toHaveLength(2);
  await second.until("waiting for w3 (127.207.4.9): connection refused");

  second.engine.kill("SIGKILL");
  await second.ended;
  expect(world.leftovers).toEqual([]);
});

test("an engine that is killed at the last moment has no successor: the change is not made", async () => {
  world.set({ [c1]: "ours" });
  const killing = { ...answers.waiting, read: { ...answers.waiting.read, kill: true }, bootstrap: {} };
  world.talosctl({ nodes: { [c1]: killing } });
  const control = JSON.stringify([{ hostname: "c1", address: c1 }]);
  const run = up(`CONTROL_PLANE='${control}' NODE_HOSTNAME=c1 NODE_ADDRESS=${c1} BACKUP_DIR=backups ${script("bootstrap")}`);
  await run.ended;
  expect(run.lines.join()).toContain("is gone. Nothing further was changed");
  expect(world.calls.map(({ words }) => words)).toContain("read /proc/sys/kernel/random/boot_id");
  expect(world.calls.map(({ words }) => words)).not.toContain("bootstrap");
});

const byHand = () => {
  const child = world.run("upgrade-talos", told("w1"));
  return { child, ...readLines(child.stderr) };
};

test("a signal ends a script cleanly", async () => {
  for (const [signal, exitCode] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    const { child, until } = byHand();
    await until("waiting for w1 (127.207.4.9)");
    child.kill(signal);
    expect(await child).toMatchObject({ exitCode, stderr: expect.stringContaining(`Ended by ${signal}`) });
    expect(world.leftovers).toEqual([]);
  }
});

test("a killed script's lock is free and its folder is swept up by the next", async () => {
  const first = byHand();
  await first.until("waiting for w1 (127.207.4.9)");
  const second = byHand();
  await second.until(`held by a script run by hand (PID ${first.child.pid})`);
  first.child.kill("SIGKILL");
  await first.child;
  expect(world.leftovers.length).toBeGreaterThan(0);
  await second.until("waiting for w1 (127.207.4.9)");
  second.child.kill("SIGTERM");
  await second.child;
  expect(world.leftovers).toEqual([]);
  expect(readdirSync(join(world.folder, "runtime"))).toEqual([`phoebe-${process.getuid?.()}`]);
});

test("a script that knows that an engine started it does nothing without one", async () => {
  const result = await world.run("upgrade-talos", { ...told("w1"), ENGINE: "pulumi" });
  expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("The Pulumi engine that started this script is gone") });
});
