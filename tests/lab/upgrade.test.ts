/** Every change of what a running cluster is made of is one `pulumi up`, and no client of the cluster is let down meanwhile. */

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { departures, overlaps } from "./harness/absences.ts";
import { Client } from "./harness/client.ts";
import { allReady, kubernetesNodes } from "./harness/kubernetes.ts";
import { type Lab, root } from "./harness/lab.ts";
import { nodes } from "./harness/nodes.ts";
import { allRun, whatRuns } from "./harness/runs.ts";
import { nothingIsLeftToDo } from "./harness/settled.ts";
import { snapshotsIn } from "./harness/snapshots.ts";
import { agent, StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";

const older = { talosVersion: "v1.12.7", talosContract: "v1.12", kubernetesVersion: "v1.35.4" };
const newer = { talosVersion: "v1.13.3", kubernetesVersion: "v1.36.3" };
const hostnames = ["up-ctrl-01", "up-ctrl-02", "up-ctrl-03", "up-work-01"];

/**
 * For how long reads may fail at most, in milliseconds. The lab looks twice a second at who holds the endpoint, a client waits two seconds for an answer,
 * and two slow cores may be busy with others.
 */
const endpointMoves = 10_000;

test("Talos, then Kubernetes, then the schematic: three control plane nodes and a worker, under a client that reads and writes all the time", async () => {
  const files = new StackFiles("upgrade");
  files.virtualIp("10.121.0.8");
  const lab = await startLab({
    name: "upgrade",
    stack: "lab",
    set: { endpoint: "https://10.121.0.8:6443", nodes: nodes("up", "10.121.0", 3, 1), ...older, ...files.set },
  });
  await step("three control plane nodes and a worker", () => lab.up());
  await lab.writeCredentials();
  const schematic = await lab.stackOutput<string>("schematicId");
  const client = await Client.begin(lab.read("kubeconfig"));
  onTestFinished(() => client.stop());

  await lab.config("talosVersion", newer.talosVersion);
  await step("Talos is upgraded", () => lab.up());
  const { kubernetesVersion } = older;
  const talos = { talos: newer.talosVersion, schematic, extensions: [agent], kubelet: kubernetesVersion, apiServer: kubernetesVersion };
  expect(await whatRuns(lab)).toEqual(allRun(hostnames, talos));
  await eachWasAwayInTurn(lab, 1);
  const [before, ...none] = snapshotsIn(lab.backups);
  expect(before).toMatchObject({ mode: 0o600, whole: true });
  expect(none).toEqual([]);
  expect(join(root, await lab.stackOutput<string>("etcdSnapshot"))).toBe(join(lab.backups, before?.name ?? ""));
  await nothingIsLeftToDo(lab);

  await lab.config("kubernetesVersion", newer.kubernetesVersion);
  await step("Kubernetes is upgraded", () => lab.up());
  const kubernetes = { ...talos, kubelet: newer.kubernetesVersion, apiServer: newer.kubernetesVersion };
  expect(await whatRuns(lab)).toEqual(allRun(hostnames, kubernetes));
  await eachWasAwayInTurn(lab, 1); // nobody has gone since
  const snapshots = snapshotsIn(lab.backups);
  expect(snapshots).toHaveLength(2);
  expect(snapshots[0]).toEqual(before);
  expect(snapshots[1]).toMatchObject({ mode: 0o600, whole: true });
  await nothingIsLeftToDo(lab);

  const { acknowledged, lost, reads, failedReads, longestGap } = await client.end();
  console.info(
    `client: ${acknowledged} acknowledged writes, ${lost.length} lost; ${reads} reads, ${failedReads} failed; ` +
      `longest gap ${longestGap.milliseconds} ms (${longestGap.failure ?? "no read failed in it"})`,
  );
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(100);
  expect(longestGap.milliseconds).toBeLessThan(endpointMoves);

  files.extensions(agent, "iscsi-tools");
  await step("the schematic changes", () => lab.up());
  const changed = await lab.stackOutput<string>("schematicId");
  expect(changed).not.toBe(schematic);
  expect(await whatRuns(lab)).toEqual(allRun(hostnames, { ...kubernetes, schematic: changed, extensions: ["iscsi-tools", agent] }));
  await eachWasAwayInTurn(lab, 2);
  await nothingIsLeftToDo(lab);
});

/** Each node was upgraded that often, the control plane first, one after the other in every round, and went for nothing else. */
async function eachWasAwayInTurn(lab: Lab, times: number): Promise<void> {
  const machines = await lab.machines();
  expect(machines.map(({ name, upgrades }) => [name, upgrades])).toEqual(hostnames.map((name) => [name, times]));
  expect(departures(machines)).toEqual(Array.from({ length: times }, () => hostnames).flat());
  expect(overlaps(machines)).toEqual([]);
  expect(await kubernetesNodes(lab)).toEqual(allReady(...hostnames));
}
