import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Lock, turn } from "../../operations/lib/script/lock.ts";
import type { Process } from "../../operations/lib/script/processes.ts";
import type { Run } from "../../operations/lib/script/run.ts";
import { node } from "./support/world.ts";

let folder: string;
let running: Map<number, Process>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "phoebe-lock-"));
  running = new Map();
});
afterEach(() => rmSync(folder, { recursive: true }));

const look = (pid: number) => running.get(pid);
const begin = (pid: number, name: string): Process => {
  const one = { pid, parent: 1, name, identity: `${pid}-boot.${running.size}` };
  running.set(pid, one);
  return one;
};
const scriptOf = (engine: Process, pid: number) => {
  const run: Run = { identity: engine.identity, label: `pulumi (PID ${engine.pid})`, script: begin(pid, "node") };
  return new Lock(folder, run, look);
};

test("scripts of one run share it, another run waits for the engine and for every script", () => {
  const engine = begin(100, "pulumi");
  const [one, two] = [scriptOf(engine, 101), scriptOf(engine, 102)];
  expect([one.acquire(), two.acquire()]).toEqual([undefined, undefined]);

  const other = scriptOf(begin(200, "pulumi"), 201);
  expect(other.acquire()).toBe("pulumi (PID 100)");
  one.leave();
  running.delete(101);
  expect(other.acquire()).toBe("pulumi (PID 100)");
  running.delete(100); // the engine is killed, its script goes on
  expect(other.acquire()).toBe("pulumi (PID 100), which has ended but left process 102 running");
  expect(() => two.assertHeld()).not.toThrow();
  running.delete(102);
  expect(other.acquire()).toBeUndefined();
  expect(() => other.assertHeld()).not.toThrow();
});

test("scripts of one run take turns where they ask for it, each until it has ended", () => {
  const engine = begin(100, "pulumi");
  const turnOf = (pid: number, doing: string) =>
    turn(folder, { identity: engine.identity, label: "pulumi", script: begin(pid, "node") }, doing, look);
  const [one, two] = [turnOf(101, "the removal of w1"), turnOf(102, "the removal of w2")];
  expect([one.acquire(), two.acquire()]).toEqual([undefined, "the removal of w1"]);
  running.delete(101); // however it ended
  expect(two.acquire()).toBeUndefined();
  expect(turnOf(103, "the removal of w3").acquire()).toBe("the removal of w2");
});

test("a run that lost it is told so, and by whom", () => {
  const engine = begin(100, "pulumi");
  const orphan = scriptOf(engine, 101);
  orphan.acquire();
  running.clear(); // as far as anybody can see, all of it has ended
  const other = scriptOf(begin(200, "pulumi"), 201);
  expect(other.acquire()).toBeUndefined();
  expect(() => orphan.assertHeld()).toThrow("lock was taken over by pulumi (PID 200)");
  rmSync(join(folder, "holders"), { recursive: true });
  expect(() => other.assertHeld()).toThrow();
});

test("a process that is named to the lock is waited for too", () => {
  const engine = begin(100, "pulumi");
  const script = scriptOf(engine, 101);
  script.acquire();
  const talosctl = begin(102, "talosctl");
  const forget = script.include(talosctl.identity);
  for (const pid of [100, 101]) running.delete(pid);
  const other = scriptOf(begin(200, "pulumi"), 201);
  expect(other.acquire()).toContain("left process 102 running");
  forget();
  expect(other.acquire()).toBeUndefined();
});

test("what killed scripts left behind is swept up by who takes over", () => {
  for (const pid of [100, 200, 300, 400]) {
    const script = scriptOf(begin(pid, "pulumi"), pid + 1);
    expect(script.acquire()).toBeUndefined();
    running.delete(pid);
    running.delete(pid + 1);
  }
  const last = scriptOf(begin(500, "pulumi"), 501);
  expect(last.acquire()).toBeUndefined();
  expect(readdirSync(join(folder, "scripts"))).toHaveLength(1);
  expect(readdirSync(join(folder, "holders"))).toEqual(["4", "5"]);
});

test("what a killed script of another cluster left is swept up too, and what a living one holds is not", () => {
  const clusters = ["0123456789abcdef", "fedcba9876543210"].map((name) => join(folder, name));
  const scriptIn = (cluster: string, pid: number) => {
    const script = begin(pid, "node");
    return new Lock(cluster, { identity: script.identity, label: "a script", script }, look);
  };
  const [dead, alive] = [scriptIn(String(clusters[0]), 101), scriptIn(String(clusters[0]), 102)];
  running.delete(101);
  expect(scriptIn(String(clusters[1]), 201).acquire()).toBeUndefined();
  expect([dead, alive].map(({ scriptFolder }) => existsSync(scriptFolder))).toEqual([false, true]);
});

test("of many processes at once one has it, and after it the next", async () => {
  const log = join(folder, "log");
  const contend = () => execa(node, [join(import.meta.dirname, "support/contend.mjs"), join(folder, "lock"), log]);
  await Promise.all(Array.from({ length: 6 }, contend));
  const turns = readFileSync(log, "utf8").trim().split("\n");
  expect(turns).toHaveLength(12);
  for (let i = 0; i < turns.length; i += 2) {
    expect(turns[i]).toMatch(/^\+/);
    expect(turns[i + 1]).toBe(turns[i]?.replace("+", "-"));
  }
});
