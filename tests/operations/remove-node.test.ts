import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiServer, nodeObject } from "./support/api-server.ts";
import { startCluster } from "./support/cluster.ts";
import { nodeIn, podsIn } from "./support/rolling.ts";
import { type Answer, answers, type EtcdMember, type Phase, prints, type World } from "./support/world.ts";

const [c1, c2, w1] = ["127.207.6.1", "127.207.6.2", "127.207.6.11"] as const;
let world: World;
let api: ApiServer;
let kubeconfig: Answer;
beforeAll(async () => {
  const cluster = await startCluster(c1, c2, w1);
  ({ world, api, kubeconfig } = cluster);
  return cluster.stop;
});
beforeEach(() => {
  api.requests.length = 0;
  api.resources.clear();
  api.budgets.clear();
  api.lingering.clear();
  for (const name of ["c2", "w1"]) api.resources.set(`/api/v1/nodes/${name}`, nodeIn(name, "boot-1"));
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: ["c1", "w1"].map((name) => nodeIn(name, "boot-1")) });
  api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet" }));
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
    NODE_GENERATION: "1",
    CONTROL_PLANE: JSON.stringify(control),
    DRAIN_TIMEOUT: "20",
    ALLOW_DESTROY: "false",
    ...variables,
  });
const called = (hostname: string) => ({ "get hostname": prints.spec({ hostname }), "get volumestatus": prints.volumes(), reset: {} });
const [m1, m2]: [EtcdMember, EtcdMember] = [
  { hostname: "c1", address: c1 },
  { hostname: "c2", address: c2 },
];
/** A control plane node that is a member, with what it says of etcd. */
const member = (own: number, ...members: EtcdMember[]) => ({
  ...answers.member,
  "get members": {},
  "etcd members": prints.members(...members),
  "etcd status": prints.etcdStatus(own, 0),
});
/** Until it is reset the node answers so; then it comes back in maintenance mode. */
const resetting = (address: string, nodes: Phase["nodes"], then: Phase["nodes"] = nodes): Phase[] => [
  { until: "reset", after: [[address, "maintenance"]], nodes },
  { nodes: { ...then, [address]: answers.maintenance } },
];
const resets = () => world.calls.filter(({ words }) => words.startsWith("reset")).map(({ address, words }) => `${address} ${words}`);
const wipe = "--reboot --wait=false --system-labels-to-wipe STATE --system-labels-to-wipe EPHEMERAL";

describe("a worker", () => {
  test("is drained, reset, and its Node deleted through the control plane", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl(...resetting(w1, { [w1]: called("w1"), [c1]: { kubeconfig } }));
    const { exitCode, stdout, stderr } = await remove("w1", w1);
    expect(stderr).toMatch(/phoebe: draining node w1\n(.*\n)*phoebe: resetting w1 \(127\.207\.6\.11\)$/);
    expect(stdout).toBe("w1 (127.207.6.11) was reset; its Kubernetes Node was deleted.");
    expect(exitCode).toBe(0);
    expect(resets()).toEqual([`${w1} reset --graceful=true ${wipe}`]);
    const changes = api.requests.filter((request) => !request.startsWith("GET"));
    expect(changes).toEqual([
      "PATCH /api/v1/nodes/w1",
      "POST /api/v1/namespaces/default/pods/web/eviction",
      "DELETE /api/v1/nodes/w1",
      "PATCH /api/v1/namespaces/kube-system/configmaps/phoebe-forgotten",
    ]);

    // Killed before its end, and run again:
    expect(await remove("w1", w1)).toMatchObject({
      exitCode: 0,
      stdout: "w1 (127.207.6.11) was in maintenance mode already; its Kubernetes Node was already gone.",
    });
  });

  test("whose pods a budget holds stays, uncordoned again, and the budget is named", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl({ nodes: { [w1]: called("w1"), [c1]: { kubeconfig } } });
    api.budgets.set("web", "The disruption budget web needs 1 healthy pods and has 1 currently");
    const { exitCode, stderr } = await remove("w1", w1, { DRAIN_TIMEOUT: "0.1" });
    expect(stderr).toMatch(/default\/web: .*The disruption budget web needs 1 healthy pods/);
    expect(exitCode).toBe(1);
    expect(resets()).toEqual([]);
    expect(api.resources.get("/api/v1/nodes/w1")).toMatchObject({ spec: {}, metadata: { annotations: {} } });
  });

  const evictions = () => api.requests.filter((request) => request.startsWith("POST"));

  test("whose kubelet is gone for a while is drained within budgets, but nobody is waited for", async () => {
    const dead = { ...called("w1"), "service kubelet": prints.service("Failed", "Fail") };
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl(...resetting(w1, { [w1]: dead, [c1]: { kubeconfig } }));
    api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
    api.lingering.add("web");
    const { exitCode, stderr } = await remove("w1", w1);
    expect(stderr).toMatch(
      /evicted, but not waited for, since .* w1 ends a pod: default\/web \(its kubelet is Failed, health Fail, and its Node: Ready is False/,
    );
    expect(stderr).toMatch(/phoebe: draining node w1\n(.*\n)*phoebe: resetting w1/);
    expect(exitCode).toBe(0);
    expect(evictions()).toHaveLength(1);

    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl({ nodes: { [w1]: dead, [c1]: { kubeconfig } } });
    api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
    api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet" }));
    api.budgets.set("web", "The disruption budget web needs 1 healthy pods and has 1 currently");
    expect(await remove("w1", w1, { DRAIN_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("needs 1 healthy"),
    });
    expect(resets()).toEqual([]);
    expect(api.resources.get("/api/v1/nodes/w1")).toMatchObject({ spec: {}, metadata: { annotations: {} } });
  });

  test("that is not Ready, or whose kubelet is ill, at one look is drained all the same", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    const [ill, well] = [prints.service("Waiting"), prints.service("Running", "OK")];
    const nodes = (kubelet: Answer) => ({ [w1]: { ...called("w1"), "service kubelet": kubelet }, [c1]: { kubeconfig } });
    world.talosctl({ until: "service kubelet", nodes: nodes(ill) }, ...resetting(w1, nodes(well)));
    api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
    api.lingering.add("web");
    expect(await remove("w1", w1, { DRAIN_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /its kubelet is Waiting.*(.*\n)*.*default\/web evicted, and not ended yet\. .*a-node-that-is-not-drained/,
      ),
    });
    expect(evictions()).toHaveLength(1);
    expect(resets()).toEqual([]);
  });

  test("is drained wherever its pods may go then: it does not come back", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl(...resetting(w1, { [w1]: called("w1"), [c1]: { kubeconfig } }));
    api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn("c1", "x", { unschedulable: true }), nodeIn("w1", "boot-1")] });
    expect(await remove("w1", w1)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("draining node w1") });
    expect(evictions()).toHaveLength(1);
  });
});

test("without the word delete it does nothing", async () => {
  world.talosctl({ nodes: {} });
  expect(await world.run("remove-node", {})).toMatchObject({ exitCode: 2 });
  expect(world.calls).toEqual([]);
});

test("another machine at its address is left alone", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: called("w2") } });
  expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" })).toMatchObject({
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

describe("a name that was declared for another node's address, and taken back", () => {
  // w9 was to be the name of w1, and c9 that of c2.
  const told = (hostname: string) => ({ ...called(hostname), "get nodename": prints.spec({ nodename: hostname }) });
  const cluster = { [c1]: member(0, m1, m2), [c2]: { ...told("c2"), ...member(1, m1, m2) }, [w1]: told("w1") };
  const control = JSON.stringify([
    { hostname: "c1", address: c1 },
    { hostname: "c9", address: c2 },
  ]);
  beforeEach(() => {
    world.set({ [c1]: "ours", [c2]: "ours", [w1]: "ours" });
    world.talosctl({ nodes: { ...cluster, [c1]: { ...cluster[c1], kubeconfig } } }); // which is only there by now
  });

  test("leaves nothing to remove where neither etcd nor Kubernetes knows it", async () => {
    expect(await remove("w9", w1)).toMatchObject({
      exitCode: 0,
      stdout: "Nothing was removed: nobody is called w9, and w1 stays at 127.207.6.11.",
    });
    expect(await remove("c9", c2, { CONTROL_PLANE: control })).toMatchObject({
      exitCode: 0,
      stdout: "Nothing was removed: nobody is called c9, and c2 stays at 127.207.6.2.",
    });
  });

  test("is a node's where Kubernetes knows it, or does not know the machine either", async () => {
    api.resources.set("/api/v1/nodes/w9", nodeIn("w9", "boot-1"));
    expect(await remove("w9", w1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Kubernetes knows a Node w9 still") });
    api.resources.delete("/api/v1/nodes/w9");
    api.resources.delete("/api/v1/nodes/w1");
    expect(await remove("w9", w1, { NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Kubernetes knows no Node w1 either"),
    });
  });

  test("is a node's where etcd knows it, or does not say", async () => {
    const c9 = { ...m2, hostname: "c9" };
    world.talosctl({ nodes: { ...cluster, [c1]: { kubeconfig, ...member(0, m1, c9) }, [c2]: { ...cluster[c2], ...member(1, m1, c9) } } });
    expect(await remove("c9", c2, { CONTROL_PLANE: control })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("etcd knows a member of that name or address still"),
    });
    world.talosctl({ nodes: { [c2]: cluster[c2] } });
    expect(await remove("c9", c2, { CONTROL_PLANE: control, NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("is left alone: the machine at that address is now c2"),
    });
  });

  afterEach(() => {
    expect(resets()).toEqual([]);
    expect(api.requests.filter((request) => !request.startsWith("GET"))).toEqual([]);
  });
});

describe("a machine that does not answer", () => {
  const gone = () => api.resources.delete("/api/v1/nodes/w1");
  const mark = (generation: number) =>
    api.resources.set("/api/v1/namespaces/kube-system/configmaps/phoebe-forgotten", {
      metadata: { name: "phoebe-forgotten" },
      data: { w1: JSON.stringify({ address: w1, generation }) },
    });

  test("fails, with what to do when it is lost", async () => {
    world.set({});
    world.talosctl({ nodes: {} });
    const { exitCode, stderr } = await remove("w1", w1, { NODE_TIMEOUT: "0.1" });
    expect(stderr).toContain("say so with npm run operation -- forget-node w1 --lost w1, then run this again");
    expect(exitCode).toBe(1);
  });

  test("is gone when a person has said so and the cluster does not know it, and only then", async () => {
    world.set({ [c1]: "ours" });
    world.talosctl({ nodes: { [c1]: { kubeconfig, ...member(0, m1) } } });
    mark(1);
    expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" }), "its Node is there").toMatchObject({ exitCode: 1 });
    gone();
    mark(0);
    expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" }), "another machine was said to be lost").toMatchObject({ exitCode: 1 });
    mark(1);
    expect(await remove("w1", w1)).toMatchObject({
      exitCode: 0,
      stdout: "w1 (127.207.6.11) is lost, as a person said; its Kubernetes Node was already gone.",
    });
    expect(api.resources.get("/api/v1/namespaces/kube-system/configmaps/phoebe-forgotten")).toMatchObject({ data: {} });
    expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" }), "nobody says so").toMatchObject({ exitCode: 1 });
  });
});

describe("a control plane node", () => {
  test("loses what it has on partitions of its own too, and is not reset where it does not say which they are", async () => {
    world.set({ [c1]: "ours", [c2]: "maintenance" });
    const own = (volumes: Answer) => ({ ...called("c1"), ...member(0, m1), "get volumestatus": volumes });
    world.talosctl(
      ...resetting(c1, {
        [c1]: own(prints.volumes({ ETCD: "/dev/sda6", LOG: "/dev/sdb1", "u-data": "/dev/sdb2" })),
        [c2]: answers.maintenance,
      }),
    );
    expect(await remove("c1", c1, { ALLOW_DESTROY: "true" })).toMatchObject({ exitCode: 0 });
    expect(resets()).toEqual([`${c1} reset --graceful=false ${wipe} --system-labels-to-wipe ETCD --system-labels-to-wipe LOG`]);

    for (const [volumes, why] of [
      [{ code: 1, stderr: "unavailable" }, "unavailable"],
      [prints.volumes({ STATE: "" }), "it does not say where it has STATE"],
      [{ stdout: "" }, "it does not say where it has STATE and EPHEMERAL"],
    ] as const) {
      world.set({ [c1]: "ours", [c2]: "maintenance" });
      world.talosctl({ nodes: { [c1]: own(volumes), [c2]: answers.maintenance } });
      const { exitCode, stderr } = await remove("c1", c1, { ALLOW_DESTROY: "true", NODE_TIMEOUT: "0.3" });
      expect(stderr).toMatch(new RegExp(`for the volumes of c1 .*: ${why}`));
      expect(exitCode).toBe(1);
      expect(resets()).toEqual([]);
    }
  });

  test("leaves etcd where the quorum allows it", async () => {
    world.set({ [c1]: "ours", [c2]: "ours" });
    const peer = { kubeconfig, ...member(0, m1, m2) };
    world.talosctl(
      ...resetting(c2, { [c2]: { ...called("c2"), ...member(1, m1, m2) }, [c1]: peer }, { [c1]: { kubeconfig, ...member(0, m1) } }),
    );
    const { exitCode, stdout, stderr } = await remove("c2", c2);
    expect(stdout, stderr).toBe("c2 (127.207.6.2) was reset; its Kubernetes Node was deleted.");
    expect(exitCode).toBe(0);
    expect(resets()).toEqual([`${c2} reset --graceful=true ${wipe}`]);
  });

  test("stays where it does not, or where that is not known", async () => {
    world.set({ [c1]: "ours", [c2]: "ours" });
    world.talosctl({ nodes: { [c2]: { ...called("c2"), ...member(1, m1, m2) } } });
    expect(await remove("c2", c2, { NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("would lose its quorum: of the 1 other members 1 have to be healthy"),
    });
    world.talosctl({ nodes: { [c2]: { ...called("c2"), ...answers.member } } });
    expect(await remove("c2", c2, { NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("its members are not known: c2 (127.207.6.2)"),
    });
    expect(resets()).toEqual([]);
    expect(api.requests.filter((request) => !request.startsWith("GET"))).toEqual([]);
  });

  test("that is the last member goes only with the cluster: undrained, and nobody is left to ask for its Node", async () => {
    world.set({ [c1]: "ours", [c2]: "maintenance" });
    const own = { ...called("c1"), ...member(0, m1) };
    world.talosctl({ nodes: { [c1]: own, [c2]: answers.maintenance } });
    expect(await remove("c1", c1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("it is the last etcd member") });
    expect(resets()).toEqual([]);

    world.talosctl(...resetting(c1, { [c1]: own, [c2]: answers.maintenance }));
    const { exitCode, stdout } = await remove("c1", c1, { ALLOW_DESTROY: "true" });
    expect(stdout).toBe("c1 (127.207.6.1) was reset; no control plane node is left that could hold its Kubernetes Node.");
    expect(exitCode).toBe(0);
    expect(resets()).toEqual([`${c1} reset --graceful=false ${wipe}`]);
  });

  test("that came back empty has its member removed through another", async () => {
    world.set({ [c1]: "ours", [c2]: "maintenance" });
    const peer = { kubeconfig, "etcd remove-member": {} };
    world.talosctl(
      { until: "etcd remove-member", nodes: { [c1]: { ...peer, ...member(0, m1, m2) }, [c2]: answers.maintenance } },
      { nodes: { [c1]: { ...peer, ...member(0, m1) }, [c2]: answers.maintenance } },
    );
    const { exitCode, stdout } = await remove("c2", c2);
    expect(stdout).toBe("c2 (127.207.6.2) was in maintenance mode already; its etcd member was removed; its Kubernetes Node was deleted.");
    expect(exitCode).toBe(0);
    expect(world.calls.filter(({ words }) => words.startsWith("etcd remove-member")).map(({ address, words }) => [address, words])).toEqual(
      [[c1, "etcd remove-member 2fe7a6bd1e0ab4b1"]],
    );
  });
});

test("a Node that nobody can delete is a failure, since it would stay", async () => {
  world.set({ [w1]: "maintenance" }); // c1 and c2 hang up
  world.talosctl({ nodes: { [w1]: answers.maintenance } });
  const { exitCode, stderr } = await remove("w1", w1, { NODE_TIMEOUT: "0.1" });
  expect(stderr).toMatch(/waiting for a control plane node that deletes the Kubernetes Node w1: c1 .*; c2 .*/);
  expect(exitCode).toBe(1);
});
