/** What an owner does to a cluster by mistake can be mended by the stack; and what cannot be mended can be destroyed. */
import { expect, test } from "vitest";
import { overlaps } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import type { Lab } from "./harness/lab.ts";
import { boots, look } from "./harness/machines.ts";
import { nodes } from "./harness/nodes.ts";
import { StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";
import { fails, impatient, succeeds } from "./harness/ups.ts";

/** Enough for a node that reboots after its etcd was ill for a tenth of it. */
const patient = { NODE_TIMEOUT: "60" };
const etcd = (flag: string) => `cluster:\n  etcd:\n    extraArgs:\n      ${flag}\n`;
const [bad, good, better] = [etcd("no-such-flag: x"), etcd('max-snapshots: "3"'), etcd('max-snapshots: "4"')];

/** A cluster with a flag of etcd's that may be changed to one that etcd does not know. */
async function startBreakable(name: string, network: string, controlPlanes: number, workers: number) {
  const files = new StackFiles(name);
  const give = (patch: string) => files.patch("controller/etcd.yaml", patch);
  give(good);
  const declared = nodes(name, network, controlPlanes, workers);
  const set = { endpoint: `https://${network}.11:6443`, apps: networkAlone(name), nodes: declared, ...files.set };
  const lab = await startLab({ name, stack: "lab", set });
  await step(`${controlPlanes} control plane nodes, ${workers} workers`, () => lab.up());
  await lab.writeCredentials();
  return { lab, give, names: declared.map(({ hostname }) => hostname) };
}

/** Gives a cluster a config that stops etcd; it does so on the first node alone. */
async function breakFirst(lab: Lab, first: string): Promise<void> {
  const before = await look(lab);
  expect(await fails(lab)).toMatch(new RegExp(`${first}.*to be healthy.*No further node was touched`, "s"));
  expect(boots(before, await look(lab))).toEqual({ [first]: 1 });
}

test("an etcd that its config stops, and a name that is taken back", async () => {
  const { lab, give, names } = await startBreakable("broken", "10.182.0", 3, 1);
  const [c1 = "", c2 = "", c3 = ""] = names;
  let before = await look(lab);

  await step("a config that stops etcd ends the rollout at the first node", async () => {
    give(bad);
    await breakFirst(lab, c1);
  });

  await step("the corrected one is given to that node, and then to the others", async () => {
    give(better);
    const { text } = await succeeds(lab, patient);
    expect(text).toMatch(/broken-ctrl-01 .*is out of etcd's quorum, and all is well beside it: it alone is given its config/);
    expect(boots(before, await look(lab))).toEqual({ [c1]: 2, [c2]: 1, [c3]: 1 });
  });

  await step("one that is taken back is no change to Pulumi, but is one to the script", async () => {
    before = await look(lab);
    give(bad);
    await breakFirst(lab, c1);
    give(better);
    // Only the Kubernetes provider, which speaks to another node meanwhile.
    expect(await lab.up()).toEqual({ same: expect.any(Number), update: 1 });
    const mended = await lab.tool("node", ["commands/operation.ts", "reconfigure", c1], { env: patient });
    expect(mended.exitCode, String(mended.all)).toBe(0);
    expect(boots(before, await look(lab))).toEqual({ [c1]: 2 });
  });
  expect(overlaps(Object.values(await look(lab)).filter(({ name }) => name.includes("-ctrl-")))).toEqual([]);

  await step("a hostname that was refused and taken back leaves nothing behind", async () => {
    before = await look(lab);
    const rename = (name: string) => lab.output("pulumi", "config", "set", "--path", "nodes[2].hostname", name);
    await rename("broken-ctrl-09");
    expect(await fails(lab)).toMatch(/is declared as broken-ctrl-09, and was broken-ctrl-03/);
    await rename(c3);
    expect((await succeeds(lab, impatient)).text).toMatch(/nobody is called broken-ctrl-09/);
    expect(Object.keys(await lab.up())).toEqual(["same"]);
    expect(boots(before, await look(lab))).toEqual({});
  });
});

test("a cluster whose only etcd does not run is mended, or destroyed", async () => {
  const { lab, give, names } = await startBreakable("lost", "10.183.0", 1, 1);
  const [c1 = "", w1 = ""] = names;

  await step("its config stops the only etcd, and the corrected one starts it", async () => {
    give(bad);
    await breakFirst(lab, c1);
    give(better);
    await succeeds(lab, patient);
  });

  await step("broken again, it is free to be destroyed although no up succeeds", async () => {
    give(bad);
    await breakFirst(lab, c1);
    await lab.declare({ allowDestroy: true });
    await fails(lab);
    const refused = await lab.begin("destroy", { env: impatient }).process;
    expect(refused.all).toContain("is guarded");
    await lab.output("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--target", "**guard-last-command");
  });

  await step("it is destroyed", async () => {
    const { exitCode, all } = await lab.begin("destroy", { env: impatient }).process;
    expect(exitCode, all).toBe(0);
    for (const name of [c1, w1]) expect((await look(lab))[name], name).toMatchObject({ stage: "maintenance", configured: false });
  });
});
