import { expect, test } from "vitest";
import { differs, same } from "./support/config.ts";
import { config, declared, old, useReconfigurations } from "./support/reconfigurations.ts";
import { answers, prints } from "./support/world.ts";

// What reconfigure leaves alone, refuses, or cannot ask.
const w1 = "127.207.11.11";
const { world, says, reconfigure, changing } = await useReconfigurations("127.207.11.1", w1);

test("a machine in maintenance mode is left for the first config", async () => {
  world.set({ [w1]: "maintenance" });
  world.talosctl({ nodes: { [w1]: { ...answers.maintenance, "get volumestatus META": prints.spec({ phase: "missing" }) } } });
  expect(await reconfigure("w1", w1)).toMatchObject({
    exitCode: 0,
    stdout: "w1 (127.207.11.11) is in maintenance mode, free to be configured.",
  });
});

test("a node that has its config is left alone", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", declared, { "apply-config --dry-run": same }) } });
  expect(await reconfigure("w1", w1)).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.11.11) is as declared." });
  expect(changing()).toEqual([]);
  expect(world.leftovers).toEqual([]);
});

test("but under its own name only", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", declared, { "apply-config --dry-run": same }) } });
  expect(await reconfigure("w2", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is phoebe's node w1, and is declared as w2. A node is not renamed"),
  });
});

test("somebody else's machine is refused", async () => {
  world.set({ [w1]: "foreign" });
  world.talosctl({ nodes: {} });
  expect(await reconfigure("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is not phoebe's: its certificate is from another CA"),
  });
});

test("a machine that does not answer is waited for, then named with what to look at", async () => {
  const { exitCode, stderr } = await reconfigure("w1", "127.207.11.99", declared, { NODE_TIMEOUT: "0.2" });
  expect(stderr).toMatch(/phoebe: waiting for w1 \(127.207.11.99\): connection refused$/m);
  expect(stderr).toMatch(/reconfigure: Waited \d s for w1 \(127.207.11.99\): connection refused. Is it switched on/);
  expect(exitCode).toBe(1);
});

test("without talosctl it says what is missing", async () => {
  world.set({ [w1]: "maintenance" });
  expect(await reconfigure("w1", w1, declared, { PATH: "/nowhere" })).toMatchObject({
    exitCode: 1,
    stderr: "reconfigure: talosctl is not on PATH: install it, or use the lab's (`npm run lab -- env`).",
  });
});

test("without a config it does nothing", async () => {
  expect(await reconfigure("w1", w1, "\n")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("holds no machine config") });
});

test("what Talos refuses is told in its words, without what it quotes", async () => {
  world.set({ [w1]: "ours" });
  const refusal = {
    code: 1,
    stderr: 'error applying new configuration: rpc error: code = InvalidArgument desc = token "s3cr3t" is too short',
  };
  world.talosctl({ nodes: { [w1]: says("w1", old, { "apply-config --dry-run": refusal }) } });
  const { exitCode, stderr } = await reconfigure("w1", w1);
  expect(stderr).toContain('refuses its config, and keeps the one it has: token "<redacted>" is too short. Correct the patches');
  expect(exitCode).toBe(1);
  expect(changing()).toEqual([]);
});

test("an older kubelet than the one that runs is refused", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", old, { "apply-config --dry-run": differs }) } });
  const { exitCode, stderr } = await reconfigure("w1", w1, config("sysctls: {a: '2'}", "v1.35.4"));
  expect(stderr).toContain("keeps its config, which would set back kubelet v1.36.3 to v1.35.4. Kubernetes has no way back");
  expect(exitCode).toBe(1);
  expect(changing()).toEqual([]);
});
