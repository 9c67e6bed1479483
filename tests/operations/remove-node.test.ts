import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ApiServer, nodeObject } from "./support/api-server.ts";
import { type Answer, answers, type Phase, prints, World } from "./support/world.ts";

const [c1, c2, w1] = ["127.207.6.1", "127.207.6.2", "127.207.6.11"] as const;
let world: World;
let api: ApiServer;
let kubeconfig: Answer;
beforeAll(async () => {
  world = await World.start([c1, c2, w1]);
  api = await ApiServer.make(c1);
  kubeconfig = await api.kubeconfig();
  await api.start();
});
afterAll(async () => {
  await api.stop();
  await world.stop();
});
beforeEach(() => {
  api.requests.length = 0;
  for (const name of ["c2", "w1"]) api.resources.set(`/api/v1/nodes/${name}`, nodeObject(name, "False"));
});

const control = [
  { hostname: "c1", address: c1 },
  { hostname: "c2", address: c2 },
];
const remove = (hostname: string, address: string, variables: Record<string, string> = {}) =>
  world.run("remove-node delete", {
    NODE_HOSTNAME: hostname,
    NODE_ADDRESS: address,
    NODE_ROLE: hostname.startsWith("c") ? "controlplane" : "worker",
    CONTROL_PLANE: JSON.stringify(control),
    ...variables,
  });
const called = (hostname: string) => ({ "get hostname": prints.spec({ hostname }), reset: {} });
const members = (...names: string[]): Answer => {
  const row = (name: string, i: number) =>
    `127.207.6.1   ${i + 1}fe7a6bd1e0ab4b1   ${name}         https://127.207.6.${i + 1}:2380   https://127.207.6.${i + 1}:2379   false`;
  return {
    stdout: [
      "NODE          ID                 HOSTNAME   PEER URLS                  CLIENT URLS                LEARNER",
      ...names.map(row),
    ].join("\n"),
  };
};
const status: Answer = {
  stdout:
    "NODE          MEMBER             DB SIZE   IN USE            LEADER             RAFT INDEX   RAFT TERM   RAFT APPLIED INDEX   LEARNER   PROTOCOL   STORAGE   ERRORS\n" +
    "127.207.6.1   1fe7a6bd1e0ab4b1   1.2 MB    500 kB (41.00%)   1fe7a6bd1e0ab4b1   100          2           100                  false     3.6.0      3.6.0     \n",
};
/** Until it is reset the node answers so; then it comes back in maintenance mode. */
const resetting = (address: string, nodes: Phase["nodes"]): Phase[] => [
  { until: "reset", after: [[address, "maintenance"]], nodes },
  { nodes: { ...nodes, [address]: answers.maintenance } },
];
const resets = () => world.calls.filter(({ words }) => words.startsWith("reset")).map(({ address, words }) => `${address} ${words}`);
const wipe = "--reboot --wait=false --system-labels-to-wipe STATE --system-labels-to-wipe EPHEMERAL";

test("a worker is reset, and its Node deleted through the control plane", async () => {
  world.set({ [w1]: "ours", [c1]: "ours" });
  world.talosctl(...resetting(w1, { [w1]: called("w1"), [c1]: { kubeconfig } }));
  const { exitCode, stdout, stderr } = await remove("w1", w1);
  expect(stderr).toContain("phoebe: resetting w1 (127.207.6.11)");
  expect(stdout).toBe("w1 (127.207.6.11) was reset; its Kubernetes Node was deleted.");
  expect(exitCode).toBe(0);
  expect(resets()).toEqual([`${w1} reset --graceful=true ${wipe}`]);
  expect(api.requests).toContain("DELETE /api/v1/nodes/w1");

  // Killed before its end, and run again:
  expect(await remove("w1", w1)).toMatchObject({
    exitCode: 0,
    stdout: "w1 (127.207.6.11) was in maintenance mode already; its Kubernetes Node was already gone.",
  });
});

test("create and update do nothing", async () => {
  world.talosctl({ nodes: {} });
  const env = { NODE_HOSTNAME: "w1", NODE_ADDRESS: w1, NODE_ROLE: "worker", CONTROL_PLANE: JSON.stringify(control) };
  expect(await world.run("remove-node", env)).toMatchObject({ exitCode: 0 });
  expect(world.calls).toEqual([]);
});

test("another machine at its address is left alone", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: called("w2") } });
  expect(await remove("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is left alone: the machine at that address is now w2"),
  });
  world.set({ [w1]: "foreign" });
  expect(await remove("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is left alone: its certificate is from another CA"),
  });
  expect(resets()).toEqual([]);
});

test("a machine that does not answer fails, with what to do when it is lost", async () => {
  world.talosctl({ nodes: {} });
  const { exitCode, stderr } = await remove("w1", "127.207.6.99", { NODE_TIMEOUT: "0.1" });
  expect(stderr).toMatch(/connection refused. If the machine at 127.207.6.99 is lost for good.*pulumi state delete/);
  expect(exitCode).toBe(1);
});

test("a control plane node leaves etcd where the quorum allows it", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  const own = { ...called("c2"), ...answers.member, "etcd members": members("c1", "c2"), "etcd status": status };
  world.talosctl(...resetting(c2, { [c2]: own, [c1]: { kubeconfig, "etcd status": status } }));
  const { exitCode, stdout } = await remove("c2", c2);
  expect(stdout).toBe("c2 (127.207.6.2) was reset; its Kubernetes Node was deleted.");
  expect(exitCode).toBe(0);
  expect(resets()).toEqual([`${c2} reset --graceful=true ${wipe}`]);
});

test("and is refused where it does not, or where that is not known", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  const own = { ...called("c2"), ...answers.member, "etcd members": members("c1", "c2"), "etcd status": status };
  world.talosctl({ nodes: { [c2]: own } });
  expect(await remove("c2", c2)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("would lose its quorum: of the 1 other members 1 have to be healthy"),
  });
  world.talosctl({ nodes: { [c2]: { ...called("c2"), ...answers.member } } });
  expect(await remove("c2", c2)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("because etcd's members are not known: c2 (127.207.6.2)"),
  });
  expect(resets()).toEqual([]);
});

test("the last member does not leave, it ends; nobody is left to ask for its Node", async () => {
  world.set({ [c1]: "ours", [c2]: "maintenance" });
  const own = { ...called("c1"), ...answers.member, "etcd members": members("c1"), "etcd status": status };
  world.talosctl(...resetting(c1, { [c1]: own, [c2]: answers.maintenance }));
  const { exitCode, stdout } = await remove("c1", c1);
  expect(stdout).toBe("c1 (127.207.6.1) was reset; no control plane node is left that could hold its Kubernetes Node.");
  expect(exitCode).toBe(0);
  expect(resets()).toEqual([`${c1} reset --graceful=false ${wipe}`]);
});

test("a Node that nobody can delete is a failure, since it would stay", async () => {
  world.set({ [w1]: "maintenance" }); // c1 and c2 hang up
  world.talosctl({ nodes: { [w1]: answers.maintenance } });
  const { exitCode, stderr } = await remove("w1", w1, { NODE_TIMEOUT: "0.1" });
  expect(stderr).toMatch(/waiting for a control plane node that deletes the Kubernetes Node w1: c1 .*; c2 .*/);
  expect(exitCode).toBe(1);
});
