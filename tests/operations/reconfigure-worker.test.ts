import { expect, test } from "vitest";
import { configs, differs, kubeletOf, same, summary } from "./support/config.ts";
import { config, declared, nodeOf, old, useReconfigurations } from "./support/reconfigurations.ts";
import { type Answer, type Phase, prints } from "./support/world.ts";

const [c1, w1] = ["127.207.63.1", "127.207.63.11"] as const;
const { world, api, kubeconfig, says, reconfigure, changing } = await useReconfigurations(c1, w1);

test("what a running node takes in is applied at once, from a file without a name, and nothing secret is said", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", old, { "apply-config --dry-run": differs }) } });
  const { exitCode, stdout, stderr } = await reconfigure("w1", w1);
  expect(stdout).toBe("w1 (127.207.63.11) was changed: machine.sysctls.");
  expect(exitCode).toBe(0);
  expect(changing()).toEqual(["apply-config --mode=no-reboot"]);
  const files = world.calls.flatMap(({ file }) => file ?? []);
  expect(files).toEqual(files.map(() => ({ names: 0, mode: "600", content: declared })));
  expect(`${stdout}${stderr}`).not.toContain("s3cr3t");
  expect(world.calls.map(({ args }) => args.join(" ")).join()).not.toContain("s3cr3t");
  expect(world.leftovers).toEqual([]);
});

test("a new kubelet is waited for", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  const newer = config("sysctls: {a: '1'}", "v1.36.4");
  const w = (kubelet: Record<string, Answer>) => says("w1", old, { "apply-config --dry-run": differs, ...kubelet });
  const nodes = (kubelet: Record<string, Answer>) => ({ [w1]: w(kubelet), [c1]: { kubeconfig } });
  const [until, fail] = ["apply-config --mode", () => reconfigure("w1", w1, newer, { NODE_TIMEOUT: "0.2" })] as const;
  world.talosctl({ until, nodes: nodes({}) }, { nodes: nodes(kubeletOf(2, "10:00")) });
  expect(await fail()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("its kubelet is yet to be started again") });
  const restarted: Phase[] = [{ until, nodes: nodes({}) }, { nodes: nodes(kubeletOf(2, "10:07")) }];
  world.talosctl(...restarted);
  expect(await fail()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("its kubelet reports v1.36.3 still, and is declared as v1.36.4"),
  });
  world.talosctl(...restarted);
  api.resources.set("/api/v1/nodes/w1", nodeOf("w1", "v1.36.4"));
  expect(await reconfigure("w1", w1, newer)).toMatchObject({
    exitCode: 0,
    stdout: "w1 (127.207.63.11) was changed: machine.kubelet.image.",
  });
});

test("a config that waits for the next boot, and is no longer declared, is replaced", async () => {
  world.set({ [w1]: "ours" });
  const staged = { "get machineconfig": configs(declared, old), "apply-config --dry-run": same };
  world.talosctl({ nodes: { [w1]: says("w1", declared, staged) } });
  expect(await reconfigure("w1", w1)).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.63.11) is as declared." });
  expect(changing()).toEqual(["apply-config --mode=no-reboot"]);
});

/** Until it reboots a worker answers so; then in another boot, with its declared config. */
const rebooting = (running: string, wanted: string, more: Record<string, Answer> = {}): Phase[] => [
  { until: "reboot", nodes: { [w1]: { ...says("w1", running, more), reboot: {} }, [c1]: { kubeconfig } } },
  {
    nodes: {
      [w1]: { ...says("w1", wanted, { ...more, "apply-config --dry-run": same }), read: { stdout: "boot-2\n" } },
      [c1]: { kubeconfig },
    },
  },
];
const files = config("files: [{path: /var/x, content: s3cr3t}]");

test("what needs a reboot is staged, and the node rolled: cordoned, rebooted, proved, uncordoned", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  world.talosctl(...rebooting(old, files, { "apply-config --dry-run": summary("with", "+x") }));
  const { exitCode, stdout, stderr } = await reconfigure("w1", w1, files);
  expect(stdout).toBe("w1 (127.207.63.11) was changed, with a reboot: machine.sysctls, machine.files.");
  expect(exitCode).toBe(0);
  expect(changing()).toEqual(["apply-config --mode=staged", "reboot --wait=false"]);
  expect(api.resources.get("/api/v1/nodes/w1")).toMatchObject({ metadata: { annotations: {} } });
  expect(`${stdout}${stderr}`).not.toContain("s3cr3t");
});

test("from Talos 1.14 on no node says what needs one, and it is known all the same", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  world.talosctl(...rebooting(old, files, { "apply-config --dry-run": differs, version: prints.version("v1.14.0") }));
  expect(await reconfigure("w1", w1, files)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("with a reboot") });
  expect(changing()).toEqual(["apply-config --mode=staged", "reboot --wait=false"]);
});
