import { afterAll, beforeAll, expect, test } from "vitest";
import { answers, prints, World } from "./support/world.ts";

const address = "127.207.3.1";
let world: World;
beforeAll(async () => {
  world = await World.start([address]);
});
afterAll(() => world.stop());

const check = (variables: Record<string, string> = {}) =>
  world.run("check-node", { NODE_HOSTNAME: "w1", NODE_ADDRESS: address, ...variables });

test("a machine in maintenance mode will do", async () => {
  world.set({ [address]: "maintenance" });
  world.talosctl({ nodes: { [address]: answers.maintenance } });
  const { exitCode, stdout } = await check();
  expect(stdout).toBe("w1 (127.207.3.1) is in maintenance mode, free to be configured.");
  expect(exitCode).toBe(0);
});

test("one of ours will do under its own name only", async () => {
  world.set({ [address]: "ours" });
  world.talosctl({ nodes: { [address]: { "get hostname": prints.spec({ hostname: "w1", domainname: "" }) } } });
  expect(await check()).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.3.1) is phoebe's." });
  expect(await check({ NODE_HOSTNAME: "w2" })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is phoebe's node w1, and is declared as w2. A node is not renamed"),
  });
});

test("somebody else's will not", async () => {
  world.set({ [address]: "foreign" });
  world.talosctl({ nodes: {} });
  expect(await check()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is not phoebe's: its certificate is from another CA"),
  });
});

test("a machine that does not answer is waited for, then named with what to look at", async () => {
  const { exitCode, stderr } = await check({ NODE_ADDRESS: "127.207.3.9", NODE_TIMEOUT: "0.2" });
  expect(stderr).toMatch(/phoebe: waiting for w1 \(127.207.3.9\): connection refused \(\d s\)/);
  expect(stderr).toMatch(/check-node: Waited \d s for w1 \(127.207.3.9\): connection refused. Is it switched on/);
  expect(exitCode).toBe(1);
});

test("without talosctl it says what is missing", async () => {
  world.set({ [address]: "maintenance" });
  expect(await check({ PATH: "/nowhere" })).toMatchObject({
    exitCode: 1,
    stderr: "check-node: talosctl is not on PATH: install it, or use the lab's (`npm run lab -- env`).",
  });
});
