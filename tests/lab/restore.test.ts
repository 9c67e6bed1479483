/** The only control plane node loses its disk, and the cluster with it: it comes back by a snapshot, or empty, as its owner says. */
import { expect, test } from "vitest";
import { networkAlone } from "./harness/apps.ts";
import { allReady, kubernetesNodes } from "./harness/kubernetes.ts";
import type { Lab } from "./harness/lab.ts";
import { look } from "./harness/machines.ts";
import { node } from "./harness/nodes.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";
import { fails } from "./harness/ups.ts";

const ctrl = node("res", "10.145.0", "controlplane", 1);
const work = node("res", "10.145.0", "worker", 1);

test("a cluster of one control plane node whose disk is lost is recovered from a snapshot, or begun anew", async () => {
  const lab = await startLab({
    name: "restore",
    stack: "lab",
    set: { endpoint: `https://${ctrl.address}:6443`, apps: networkAlone("restore"), nodes: [ctrl, work] },
  });
  await step("a control plane node and a worker", () => lab.up());
  await lab.writeCredentials();
  const snapshot = await step("what is written before a snapshot, and after it", async () => {
    await lab.output("kubectl", "create", "configmap", "kept");
    const path = (await lab.output("node", "commands/operation.ts", "snapshot-etcd", "--now")).trim();
    await lab.output("kubectl", "create", "configmap", "later");
    return path;
  });

  await step("lost: nothing is started before its owner has said what it begins with", async () => {
    const said = await loses(lab, 2);
    expect(said).toContain(`--recover-from ${snapshot}`);
    expect(await lab.etcdClusters()).toEqual([]);
  });
  await step("recovered: what the snapshot holds is there, and what came later is not", async () => {
    await begins(lab, "--recover-from", snapshot);
    expect(await configMaps(lab)).toEqual(["kept"]);
  });

  await step("lost again", () => loses(lab, 3));
  await step("begun anew: empty, and one up installs again what the stack declares", async () => {
    await begins(lab, "--empty");
    expect(await configMaps(lab)).toEqual([]);
  });
});

/** Its disk is empty, and its generation is raised: what the `up` says that then fails. */
async function loses(lab: Lab, generation: number): Promise<string> {
  await lab.machine(ctrl.hostname, "wipe");
  await lab.declare({ nodes: [{ ...ctrl, generation }, work] });
  const said = await fails(lab, {});
  expect(said).toMatch(/is not started: it ran before, and no control plane node has its data any more/);
  return said;
}

/** An owner's way back, as docs/runbook.md has it: all is as declared then, and nothing is left to do. */
async function begins(lab: Lab, ...words: readonly string[]): Promise<void> {
  await lab.output("node", "commands/operation.ts", "bootstrap", ctrl.hostname, ...words);
  const worker = (await look(lab))[work.hostname]?.address ?? "";
  await lab.output("talosctl", "reboot", "--nodes", worker, "--endpoints", worker, "--wait=false");
  await lab.output("pulumi", "up", "--refresh", "--yes", "--skip-preview", "--non-interactive", "--color=never");
  expect(await kubernetesNodes(lab)).toEqual(allReady(ctrl.hostname, work.hostname));
  expect(await lab.up()).toEqual({ same: expect.any(Number) });
}

/** The test's own, by name. */
async function configMaps(lab: Lab): Promise<string[]> {
  const names = await lab.output("kubectl", "get", "configmap", "--namespace=default", "--output=name");
  return names
    .split("\n")
    .map((name) => name.replace("configmap/", ""))
    .filter((name) => name !== "" && name !== "kube-root-ca.crt");
}
