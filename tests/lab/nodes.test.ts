/** Nodes come, are replaced and go, each by one `pulumi up`; etcd stays one cluster, and never is without its quorum. */
import { expect, test } from "vitest";
import { overlaps } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import { allReady, kubernetesNodes, runsOn, tenant } from "./harness/kubernetes.ts";
import type { Lab } from "./harness/lab.ts";
import { boots, look, talosVersions } from "./harness/machines.ts";
import { type DeclaredNode, node } from "./harness/nodes.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";
import { succeeds } from "./harness/ups.ts";

const ctrl = (n: number) => node("node", "10.126.0", "controlplane", n);
const [c1, c2, c3, c4, c5] = [ctrl(1), ctrl(2), ctrl(3), ctrl(4), ctrl(5)];
const [w1, w2] = [node("node", "10.126.0", "worker", 1), node("node", "10.126.0", "worker", 2)];
/** With a new disk. */
const renewed = { ...c2, generation: 2 };
const ready = (...nodes: DeclaredNode[]) => allReady(...nodes.map(({ hostname }) => hostname));

test("nodes are added, removed and replaced, one up each", async () => {
  const lab = await startLab({
    name: "nodes",
    stack: "lab",
    set: { endpoint: "https://10.126.0.8:6443", apps: networkAlone("nodes"), nodes: [c1, w1] },
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

  await step("two control plane nodes are added together with a Talos version", async () => {
    await lab.declare({ nodes: [c1, c2, c3, w1, w2], talosVersion: "v1.13.4" });
    await lab.up();
    expect(new Set(Object.values(talosVersions(await look(lab))))).toEqual(new Set(["v1.13.4"]));
    expect(await onlyMembers(lab, 3)).toEqual(expect.arrayContaining(first));
    expect(await kubernetesNodes(lab)).toEqual(ready(c1, c2, c3, w1, w2));
  });

  await step("a worker is removed: its pod moves, it is reset, its Node goes", async () => {
    await tenant(lab, "tenant", w2.hostname);
    expect(await runsOn(lab, "tenant")).toEqual([w2.hostname]);
    await lab.declare({ nodes: [c1, c2, c3, w1] });
    const { text } = await succeeds(lab);
    expect(text).toMatch(/drain.*node-work-02|node-work-02.*(drain|evict)/i);
    await expect.poll(() => runsOn(lab, "tenant"), { timeout: 30_000 }).toEqual([w1.hostname]);
    expect(await kubernetesNodes(lab)).toEqual(ready(c1, c2, c3, w1));
    await isFree(lab, w2.hostname);
  });

  await step("three control plane nodes become five", async () => {
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
    expect(await kubernetesNodes(lab)).toEqual(ready(c2, c3, c4, w1));
  });

  expect(overlaps(Object.values(await look(lab)).filter(({ name }) => name.includes("-ctrl-")))).toEqual([]);
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

async function isFree(lab: Lab, name: string): Promise<void> {
  expect((await look(lab))[name], name).toMatchObject({ stage: "maintenance", configured: false });
}
