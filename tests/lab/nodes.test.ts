/** Nodes come, are replaced and go, each by one `pulumi up`; etcd stays one cluster, and never is without its quorum. */
import { expect, test } from "vitest";
import { overlaps } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import { nameOf } from "./harness/events.ts";
import { watchEvictions } from "./harness/evictions.ts";
import { allReady, kubernetesNodes, runsOn, tenant } from "./harness/kubernetes.ts";
import type { Lab } from "./harness/lab.ts";
import { boots, look, talosVersions, upgrades } from "./harness/machines.ts";
import { type LabNode, node } from "./harness/nodes.ts";
import { StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";
import { fails, impatient, succeeds } from "./harness/ups.ts";

const ctrl = (n: number) => node("node", "10.126.0", "controlplane", n);
const [c1, c2, c3, c4, c5] = [ctrl(1), ctrl(2), ctrl(3), ctrl(4), ctrl(5)];
const [w1, w2] = [node("node", "10.126.0", "worker", 1), node("node", "10.126.0", "worker", 2)];
/** With a new disk. */
const renewed = { ...c2, generation: 2 };
const ready = (...nodes: LabNode[]) => allReady(...nodes.map(({ hostname }) => hostname));

test("nodes are added, removed and replaced, one up each", async () => {
  const files = new StackFiles("nodes");
  files.virtualIp("10.126.0.8");
  const lab = await startLab({
    name: "nodes",
    stack: "lab",
    set: { endpoint: "https://10.126.0.8:6443", apps: networkAlone("nodes"), ...files.set, nodes: [c1, w1] },
  });
  await step("one control plane node and a worker", () => lab.up());
  await lab.writeCredentials();
  const first = await onlyMembers(lab, 1);

  await step("a worker is added", async () => {
    const before = await look(lab);
    await lab.declare({ nodes: [c1, w1, w2] });
    await lab.up();
    expect(await kubernetesNodes(lab)).toEqual(ready(c1, w1, w2));
    expect(Object.keys(boots(before, await look(lab)))).toEqual([w2.hostname]);
  });

  await step("a worker is removed: its pod is evicted first, and moves; it is reset, its Node goes", async () => {
    await tenant(lab, "tenant", w2.hostname);
    expect(await runsOn(lab, "tenant")).toEqual([w2.hostname]);
    const evictions = await watchEvictions(lab, "tenant");
    await lab.declare({ nodes: [c1, w1] });
    const { text } = await succeeds(lab);
    expect(text).toMatch(/draining node node-work-02$.*resetting node-work-02/ms);
    expect(text).not.toMatch(/not drained|not waited for/);
    await expect.poll(() => evictions.seen, { timeout: 30_000 }).toEqual([{ node: w2.hostname, at: expect.any(String) }]);
    await evictions.stop();
    const reset = (await look(lab))[w2.hostname]?.absences.find(({ why }) => why === "reset");
    expect(Date.parse(evictions.seen[0]?.at ?? "")).toBeLessThan(Date.parse(reset?.since ?? ""));
    await expect.poll(() => runsOn(lab, "tenant"), { timeout: 30_000 }).toEqual([w1.hostname]);
    expect(await kubernetesNodes(lab)).toEqual(ready(c1, w1));
    await isFree(lab, w2.hostname);
  });

  await step(
    "two control plane nodes are added together with a Talos version, and the worker again, with the Talos that it has",
    async () => {
      const before = await look(lab);
      expect(before[w2.hostname]).toMatchObject({ stage: "maintenance", talosVersion: "v1.13.3" });
      await lab.declare({ nodes: [c1, c2, c3, w1, w2], talosVersion: "v1.13.4" });
      await lab.up();
      expect(new Set(Object.values(talosVersions(await look(lab))))).toEqual(new Set(["v1.13.4"]));
      // Those without any Talos installed the declared one at once.
      expect(upgrades(before, await look(lab))).toEqual({ [c1.hostname]: 1, [w1.hostname]: 1, [w2.hostname]: 1 });
      expect(await onlyMembers(lab, 3)).toEqual(expect.arrayContaining(first));
      expect(await kubernetesNodes(lab)).toEqual(ready(c1, c2, c3, w1, w2));
    },
  );

  await step("three control plane nodes become five, and a worker goes", async () => {
    await lab.declare({ nodes: [c1, c2, c3, c4, c5, w1] });
    await lab.up();
    await onlyMembers(lab, 5);
  });

  await step("five become three, the one that started the cluster among those that go", async () => {
    const members = await onlyMembers(lab, 5);
    await lab.declare({ nodes: [c2, c3, c4, w1] });
    await lab.up();
    expect(members).toEqual(expect.arrayContaining(await onlyMembers(lab, 3)));
    for (const gone of [c1, c5]) await isFree(lab, gone.hostname);
    expect(await kubernetesNodes(lab)).toEqual(ready(c2, c3, c4, w1));
    expect(await lab.up()).toEqual({ same: expect.any(Number) });
  });

  await step("the first node has a new disk, and joins again by its generation", async () => {
    const members = await onlyMembers(lab, 3);
    await lab.machine(c2.hostname, "wipe");
    await lab.declare({ nodes: [renewed, c3, c4, w1] });
    await lab.up();
    const now = await onlyMembers(lab, 3);
    expect(now.filter((member) => members.includes(member))).toHaveLength(2);
    // One that is no voter yet would have etcd without its quorum when the next is switched off.
    const ip = "127.126.0.13";
    expect(await lab.output("talosctl", "-n", ip, "-e", ip, "etcd", "members")).not.toMatch(/ true$/m);
    expect(await kubernetesNodes(lab)).toEqual(ready(c2, c3, c4, w1));
  });

  const before = await look(lab);
  await lab.machine(c4.hostname, "off");
  await step("refused: a removal beside a node that does not answer, and one that would cost the quorum", async () => {
    await lab.declare({ nodes: [renewed, c4, w1] });
    expect(await fails(lab)).toMatch(/node-ctrl-04 \(127\.126\.0\.14\).*has to answer/s);
    const removal = await byHand(lab, "5", "remove-node", c3.hostname, "delete");
    expect(removal.exitCode).toBe(1);
    expect(String(removal.all)).toMatch(/do without node-ctrl-03.*would lose its quorum.*node-ctrl-04.*It is not removed/s);
  });
  await step("refused: a node that becomes another machine", async () => {
    for (const [path, value, says] of [
      [
        "nodes[3].address",
        "127.126.0.99",
        /the address of node-work-01 changed from 127\.126\.0\.21 to 127\.126\.0\.99.*Take the node out/s,
      ],
      ["nodes[2].role", "worker", /the role of node-ctrl-04 changed from controlplane to worker.*Take the node out/s],
      ["nodes[3].hostname", "node-work-09", /127\.126\.0\.21 is declared as node-work-09, and was node-work-01.*Take it out/s],
    ] as const) {
      await lab.declare({ nodes: [renewed, c3, c4, w1] });
      await lab.output("pulumi", "config", "set", "--path", path, value);
      const preview = await lab.tool("pulumi", ["preview", "--non-interactive", "--color=never"]);
      expect(preview.exitCode, path).not.toBe(0);
      expect(String(preview.all), path).toMatch(says);
    }
    const after = await look(lab);
    expect(boots(before, after)).toEqual({});
    for (const { hostname } of [c2, c3, w1]) expect(after[hostname]).toMatchObject({ configured: true, stage: "running" });
  });

  await step("a dead machine is forgotten by hand, and found gone", async () => {
    const forgotten = await byHand(lab, "60", "forget-node", c4.hostname, "--lost", c4.hostname);
    expect(forgotten.exitCode, String(forgotten.all)).toBe(0);
    await onlyMembers(lab, 2);
    expect(await kubernetesNodes(lab)).toEqual(ready(c2, c3, w1));
    await lab.declare({ nodes: [renewed, c3, w1] });
    await succeeds(lab, impatient);
    await onlyMembers(lab, 2);
  });

  expect(overlaps(Object.values(await look(lab)).filter(({ name }) => name.includes("-ctrl-")))).toEqual([]);

  await step("destroyed: workers first, then the others, and the first node last", async () => {
    await lab.declare({ allowDestroy: true });
    await lab.up();
    const run = lab.begin("destroy");
    const { exitCode, all } = await run.process;
    expect(exitCode, all).toBe(0);
    const order = run.events.events.flatMap(({ resOutputsEvent: done }) => (done ? [nameOf(done.metadata.urn)] : []));
    expect(order.filter((name) => /removal-.*-command$/.test(name)).map((name) => name.replace(/^.*removal-(.*)-command$/, "$1"))).toEqual([
      w1.hostname,
      c3.hostname,
      c2.hostname,
    ]);
    for (const { hostname } of [w1, c2, c3]) await isFree(lab, hostname);
  });
});

/** The members of the one etcd cluster that exists, as many as there have to be: a node joins a moment after it was configured. */
async function onlyMembers(lab: Lab, count: number): Promise<string[]> {
  let members: string[] = [];
  const sizes = async () => {
    const clusters = (await lab.etcdClusters()).map((cluster) => cluster.split(" "));
    members = clusters.flat();
    return clusters.map(({ length }) => length);
  };
  await expect.poll(sizes, { timeout: 30_000, message: "members of each etcd cluster" }).toEqual([count]);
  return members;
}

/** `npm run operation -- <words>`, which gives a node that many seconds. */
function byHand(lab: Lab, seconds: string, ...words: readonly string[]) {
  return lab.tool("node", ["commands/operation.ts", ...words], { env: { NODE_TIMEOUT: seconds } });
}

async function isFree(lab: Lab, name: string): Promise<void> {
  expect((await look(lab))[name], name).toMatchObject({ stage: "maintenance", configured: false });
}
