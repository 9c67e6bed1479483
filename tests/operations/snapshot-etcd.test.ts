import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { controlPlane, database, schematic, worker } from "./support/rolling.ts";
import { answers, prints, World } from "./support/world.ts";

const [c1, c2, w1] = ["127.207.28.1", "127.207.28.2", "127.207.28.11"] as const;
let world: World;
beforeAll(async () => {
  world = await World.start([c1, c2, w1]);
});
afterAll(() => world.stop());
beforeEach(() => rmSync(folder(), { recursive: true, force: true }));

const folder = () => join(world.folder, "backups");
const nodes = [
  { hostname: "c1", address: c1, role: "controlplane", schematicId: schematic },
  { hostname: "c2", address: c2, role: "controlplane", schematicId: schematic },
  { hostname: "w1", address: w1, role: "worker", schematicId: schematic },
];
const snapshot = (variables: Record<string, string> = {}, words = "") =>
  world.run(`snapshot-etcd ${words}`.trim(), {
    NODES: JSON.stringify(nodes),
    TALOS_VERSION: "v1.13.3",
    KUBERNETES_VERSION: "v1.36.3",
    BACKUP_DIR: folder(),
    ...variables,
  });
const taken = () => world.calls.filter(({ words }) => words.startsWith("etcd snapshot")).map(({ address }) => address);
const members = nodes.slice(0, 2);
/** Talos one minor behind, and etcd on c1 not well. */
const old = () => ({
  [c1]: { ...controlPlane({ hostname: "c1", kubernetes: "v1.36.3" }, members), "etcd status": { code: 1, stderr: "etcd is starting" } },
  [c2]: {
    ...controlPlane({ hostname: "c2", kubernetes: "v1.36.3" }, members, 1, 1),
    "etcd snapshot": { writes: database(world.folder, true) },
  },
  [w1]: worker({ hostname: "w1", kubernetes: "v1.36.3" }),
});
const declared = (hostname: string) => ({ hostname, version: "v1.13.3", kubernetes: "v1.36.3" });

test("before versions change a snapshot is taken through a member that is well; afterwards its path is told again", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [w1]: "ours" });
  world.talosctl({ nodes: old() });
  const { exitCode, stdout, stderr } = await snapshot();
  const [file = ""] = readdirSync(folder());
  expect(stdout).toBe(join(folder(), file));
  expect(file).toMatch(/^phoebe-\d{8}T\d{6}Z-before-talos-v1.13.3-kubernetes-v1.36.3\.db$/);
  expect([folder(), stdout].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  expect(stderr).toContain(`taking an etcd snapshot through ${c2}`);
  expect(exitCode).toBe(0);
  expect(taken()).toEqual([c2]);

  const now = { [c1]: controlPlane(declared("c1"), members), [c2]: controlPlane(declared("c2"), members), [w1]: worker(declared("w1")) };
  world.talosctl({ nodes: now });
  expect(await snapshot()).toMatchObject({ exitCode: 0, stdout });
  expect(taken()).toEqual([]);

  const copied = { ...now[c1], "etcd snapshot": { writes: database(world.folder, true) } };
  world.talosctl({ nodes: { ...now, [c1]: copied } });
  const byHand = await snapshot({}, "--now");
  expect(byHand.stdout).toMatch(/phoebe-\d{8}T\d{6}Z-by-hand\.db$/);
  expect(taken()).toEqual([c1]);
});

test("a member that does not say yet what it runs is waited for, and is not as declared", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  const booted = { ...controlPlane(declared("c1"), members), "get apiserverconfigs": {} };
  world.talosctl({ nodes: { [c1]: booted, [c2]: controlPlane(declared("c2"), members, 1) } });
  expect(await snapshot({ NODE_TIMEOUT: "0.1" })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("c1 (127.207.28.1): it has no image of kube-apiserver yet"),
  });
});

test("a cluster that is new has nothing to keep", async () => {
  world.set({ [c1]: "ours", [c2]: "maintenance", [w1]: "maintenance" });
  world.talosctl({
    nodes: {
      [c1]: { ...controlPlane({ hostname: "c1" }), "get apiserverconfigs": {} },
      [c2]: answers.maintenance,
      [w1]: answers.maintenance,
    },
  });
  expect(await snapshot()).toMatchObject({ exitCode: 0, stdout: "" });
  expect(taken()).toEqual([]);
});

test("a control plane node that does not answer is waited for and named; a worker's silence is said", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  world.talosctl({ nodes: old() });
  const { exitCode, stderr } = await snapshot({ NODE_TIMEOUT: "1" });
  expect(stderr).toMatch(/Waited \d s for the control plane nodes of phoebe: c2 \(127.207.28.2\): .*repair those nodes/);
  expect(exitCode).toBe(1);

  world.set({ [c1]: "ours", [c2]: "ours" });
  world.talosctl({ nodes: old() });
  expect(await snapshot()).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("w1 (127.207.28.11) is not checked: "),
  });
  expect(taken()).toEqual([c2]);
});

test("somebody else's machine, and another node of ours, fail before anything is touched", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [w1]: "foreign" });
  world.talosctl({ nodes: { ...old(), [c1]: { ...old()[c1], "get hostname": prints.spec({ hostname: "c9" }) } } });
  const { exitCode, stderr } = await snapshot();
  expect(stderr).toMatch(
    /somebody else's: c1 \(127.207.28.1\): it is the node c9; w1 \(127.207.28.11\): its certificate is from another CA/,
  );
  expect(exitCode).toBe(1);
  expect(taken()).toEqual([]);
});

test("where there is no way to what is declared, every node's problems are said and nothing is taken", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [w1]: "ours" });
  world.talosctl({ nodes: old() });
  const { exitCode, stderr } = await snapshot({ TALOS_VERSION: "v1.14.1", KUBERNETES_VERSION: "v1.35.0" });
  for (const node of nodes) {
    expect(stderr).toContain(`${node.hostname} (${node.address}): Talos v1.12 to v1.14 jumps over a minor version`);
    expect(stderr).toContain(`${node.hostname} (${node.address}): Kubernetes v1.35.0 is older than v1.36.3`);
  }
  expect(exitCode).toBe(1);
  expect(taken()).toEqual([]);
});

test("a snapshot that is not whole is not kept", async () => {
  world.set({ [c1]: "ours", [c2]: "ours", [w1]: "ours" });
  const nodes = old();
  world.talosctl({ nodes: { ...nodes, [c2]: { ...nodes[c2], "etcd snapshot": { writes: database(world.folder, false) } } } });
  expect(await snapshot()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("its digest is not the one that etcd sent with it"),
  });
  expect(readdirSync(folder())).toEqual([]);
});
