/** What goes wrong on one node stops the rollout there, says what and why and what to do, and is finished by the next run. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { overlaps } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import { allReady, kubernetesNodes, tenant } from "./harness/kubernetes.ts";
import { type Lab, root } from "./harness/lab.ts";
import { boots, look, talosVersions, upgrades } from "./harness/machines.ts";
import { type LabNode, node } from "./harness/nodes.ts";
import { StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";
import { destructiveSteps, fails, impatient, resources } from "./harness/ups.ts";

const ctrl = (n: number) => node("fault", "10.127.0", "controlplane", n);
const work = (n: number) => node("fault", "10.127.0", "worker", n);
const [c1, c2, c3, worker] = [ctrl(1), ctrl(2), ctrl(3), work(1)];
const ready = (...nodes: LabNode[]) => allReady(...nodes.map(({ hostname }) => hostname));
const versions = (version: string, ...nodes: LabNode[]) => Object.fromEntries(nodes.map(({ hostname }) => [hostname, version]));
/** As the npm scripts and the workflows run Pulumi: a node that fails holds up only what waits for it. */
const goOn = { PULUMI_CONTINUE_ON_ERROR: "true" };

test("each fault stops an upgrade where it is, and mended it is finished by the next run", async () => {
  const files = new StackFiles("faults");
  files.virtualIp("10.127.0.8");
  const apps = networkAlone("faults");
  const lab = await startLab({
    name: "faults",
    stack: "lab",
    set: { endpoint: "https://10.127.0.8:6443", apps, ...files.set, nodes: [c1, c2, c3, worker] },
  });
  await step("three control plane nodes and a worker", () => lab.up());
  await lab.writeCredentials();

  await step("with the first control plane node off apps change all the same, and the others' order is no change", () =>
    withoutFirst(lab, apps),
  );
  await step("a node out of reach is never planned to be recreated, and nothing is done to any", () => outOfReach(lab));

  await lab.declare({ talosVersion: "v1.13.4" });
  await step("refuse-pull: the first node stays as it is", async () => {
    await faulty(lab, "refuse-pull", c1.hostname, {}, /fault-ctrl-01.*is left as it is.*cannot pull.*v1\.13\.4.*does the node reach/is);
  });
  await step("drop: a member that does not answer spares nobody", async () => {
    await faulty(lab, "drop", c3.hostname, {}, /spare fault-ctrl-01.*fault-ctrl-03.*does not answer.*Repair etcd/s, 8);
  });
  await step("lose-etcd: neither does one that is no member any more", async () => {
    await faulty(lab, "lose-etcd", c3.hostname, {}, /fault-ctrl-01.*is left as it is.*two members, fault-ctrl-0[12] .*fault-ctrl-0[12] /s);
  });
  await step("fallback: the node is back on its old version, and is not tried again", async () => {
    const says = /fault-ctrl-01.*runs Talos v1\.13\.3.*not Talos v1\.13\.4.*fell back.*no further node/s;
    await faulty(lab, "fallback", c1.hostname, { [c1.hostname]: 1 }, says);
  });
  await step("no-return: the second node does not come back", async () => {
    const says = /fault-ctrl-02.*to come back.*No further node/s;
    await faulty(lab, "no-return", c2.hostname, { [c1.hostname]: 1, [c2.hostname]: 1 }, says);
  });
  await step("empty: the third node comes back without its disk", async () => {
    const says = /fault-ctrl-03.*came back empty.*generation.*No further node/s;
    await faulty(lab, "empty", c3.hostname, { [c3.hostname]: 1 }, says);
  });

  await step("the third node joins again, and the worker follows", async () => {
    const before = await look(lab);
    await lab.declare({ nodes: [c1, c2, { ...c3, generation: 2 }, worker] });
    await lab.up();
    const now = await look(lab);
    expect(upgrades(before, now)).toEqual({ [worker.hostname]: 1 });
    expect(talosVersions(now)).toEqual(versions("v1.13.4", c1, c2, c3, worker));
    await expect.poll(() => kubernetesNodes(lab), { timeout: 30_000 }).toEqual(ready(c1, c2, c3, worker));
    await expect.poll(async () => (await lab.etcdClusters()).map((ids) => ids.split(" ").length), { timeout: 30_000 }).toEqual([3]);
    expect(await lab.up()).toEqual({ same: expect.any(Number) });
  });
  const controlPlane = Object.values(await look(lab)).filter(({ name }) => name.includes("-ctrl-"));
  expect(overlaps(controlPlane)).toEqual([]);
});

test("a worker that is off, or keeps its pods, holds up its own lane alone", async () => {
  const at = (role: LabNode["role"], n: number) => node("lane", "10.129.0", role, n);
  const [first, off, beside, behind] = [at("controlplane", 1), at("worker", 1), at("worker", 2), at("worker", 3)];
  const lab = await startLab({
    name: "lanes",
    stack: "lab",
    set: {
      endpoint: "https://10.129.0.11:6443",
      apps: networkAlone("lanes"),
      workerLanes: 2,
      drainTimeout: 5,
      nodes: [first, off, beside, behind],
    },
  });
  await step("a control plane node and three workers in two lanes", () => lab.up());
  await lab.writeCredentials();
  await tenant(lab, "tenant", beside.hostname);
  await lab.machine(off.hostname, "off");
  await lab.declare({ talosVersion: "v1.13.4" });

  await step("block-drain: one lane waits for a budget, the other for a worker that is off", async () => {
    const says = /(?=.*lane-work-02.*budget)(?=.*lane-work-01.*switched on)/s;
    await faulty(lab, "block-drain", beside.hostname, { [first.hostname]: 1 }, says);
    expect(await kubernetesNodes(lab), "a drain that gives up takes its cordon back").toMatchObject(ready(first, beside, behind));
  });
  await step("slow: the worker takes its time, in its own lane", async () => {
    await faulty(lab, "slow", beside.hostname, { [beside.hostname]: 1 }, /lane-work-01.*switched on/s, 40);
    expect(talosVersions(await look(lab))).toMatchObject({ ...versions("v1.13.4", first, beside), ...versions("v1.13.3", behind) });
    expect(await destructiveSteps(lab)).toEqual([]);
  });
  await step("a worker that is taken out meanwhile stays until all else is done, and nothing is lost of the state", async () => {
    const [before, kept] = [await look(lab), await resources(lab)];
    await lab.declare({ nodes: [first, off, behind] });
    expect(await fails(lab, { ...goOn, ...impatient })).toMatch(/Nothing was deleted, and no node .* was reset/);
    expect(boots(before, await look(lab)), "its place in the lanes is another's").toEqual({ [behind.hostname]: 1 });
    expect(await resources(lab)).toEqual(kept);
  });
  await step("switched on: the rest is done, and the worker goes", async () => {
    const before = await look(lab);
    await lab.machine(off.hostname, "on");
    await lab.up();
    expect(upgrades(before, await look(lab))).toEqual({ [off.hostname]: 1 });
    expect(await kubernetesNodes(lab)).toEqual(ready(first, off, behind));
  });
});

/** Runs an up against a node with a fault: it has to fail with that sentence, and to have upgraded those alone. Then the fault is mended. */
async function faulty(
  lab: Lab,
  kind: string,
  hostname: string,
  upgraded: Record<string, number>,
  says: RegExp,
  seconds = 20,
): Promise<void> {
  const before = await look(lab);
  await lab.fault(hostname, kind);
  expect(await fails(lab, { ...goOn, NODE_TIMEOUT: String(seconds) })).toMatch(says);
  expect(upgrades(before, await look(lab))).toEqual(upgraded);
  await lab.fault(hostname, "mend");
}

/** While the first control plane node is off: an object more among the apps, and the nodes behind it in another order. */
async function withoutFirst(lab: Lab, apps: string): Promise<void> {
  const folder = join(root, apps, "kube-system/manifests");
  await lab.machine(c1.hostname, "off");
  mkdirSync(folder);
  writeFileSync(join(folder, "note.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: note }\n");
  await lab.declare({ nodes: [worker, c1, c3, c2] });
  // The provider speaks to another API server, and nothing else is updated.
  expect(await lab.up({ env: impatient })).toEqual({ same: expect.any(Number), update: 1, create: 2 });
  expect(await destructiveSteps(lab)).toEqual([]);

  await lab.machine(c1.hostname, "on");
  const answers = async () => (await lab.tool("kubectl", ["get", "--raw=/readyz", `--server=https://${inLab(c1.address)}:6443`])).stdout;
  await expect.poll(answers, { timeout: 60_000 }).toBe("ok");
  rmSync(folder, { recursive: true });
  await lab.declare({ nodes: [c1, c2, c3, worker] });
  expect(await lab.up()).toEqual({ same: expect.any(Number), update: 1, delete: 2 });
}

const inLab = (address: string) => address.replace(/^\d+/, "127");

/** With the first control plane node and a worker out of reach: preview, up and refresh. */
async function outOfReach(lab: Lab): Promise<void> {
  const [before, kept] = [await look(lab), await resources(lab)];
  for (const { hostname } of [c1, worker]) await lab.fault(hostname, "drop");
  await step("  preview", async () => expect(await destructiveSteps(lab)).toEqual([]));
  for (const verb of ["up", "refresh"] as const) {
    await step(`  ${verb}`, async () => {
      await lab.begin(verb, { env: impatient }).process;
      expect(await resources(lab)).toEqual(kept);
    });
  }
  for (const { hostname } of [c1, worker]) await lab.fault(hostname, "mend");
  expect(Object.values(await look(lab)).map(({ bootID }) => bootID)).toEqual(Object.values(before).map(({ bootID }) => bootID));
}
