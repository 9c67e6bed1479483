/** Talos and Kubernetes change in one `pulumi up`, of a cluster with one control plane node. */
import { expect, test } from "vitest";
import { departures } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import { allReady, kubernetesNodes } from "./harness/kubernetes.ts";
import { nodes } from "./harness/nodes.ts";
import { allRun, whatRuns } from "./harness/runs.ts";
import { nothingIsLeftToDo } from "./harness/settled.ts";
import { snapshotsIn } from "./harness/snapshots.ts";
import { agent, StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";

const older = { talosVersion: "v1.12.7", talosContract: "v1.12", kubernetesVersion: "v1.35.4" };
const newer = { talosVersion: "v1.13.3", kubernetesVersion: "v1.36.3" };

test("both versions in one up, with a feature gate that the new kubelet does not know any more: one control plane node and a worker", async () => {
  const files = new StackFiles("upgrade-one");
  const gate = "global/gate.yaml"; // Kubernetes 1.36 has it no more
  files.patch(gate, "machine: { kubelet: { extraConfig: { featureGates: { MemoryManager: true } } } }\n");
  const lab = await startLab({
    name: "upgrade-one",
    stack: "lab",
    set: {
      endpoint: "https://10.122.0.11:6443",
      nodes: nodes("one", "10.122.0", 1, 1),
      apps: networkAlone("upgrade-one"),
      ...older,
      ...files.set,
    },
  });
  await step("one control plane node and a worker", () => lab.up());
  await lab.writeCredentials();
  const schematic = await lab.stackOutput<string>("schematicId");

  files.removePatch(gate);
  await lab.config("talosVersion", newer.talosVersion);
  await lab.config("kubernetesVersion", newer.kubernetesVersion);
  await step("both versions change", () => lab.up());
  const { kubernetesVersion: version } = newer;
  const both = { talos: newer.talosVersion, schematic, extensions: [agent], kubelet: version, apiServer: version };
  expect(await whatRuns(lab)).toEqual(allRun(["one-ctrl-01", "one-work-01"], both));
  expect(departures(await lab.machines(), "upgrade")).toEqual(["one-ctrl-01", "one-work-01"]);
  expect(await kubernetesNodes(lab)).toEqual(allReady("one-ctrl-01", "one-work-01"));
  const snapshots = snapshotsIn(lab.backups);
  expect(snapshots.map(({ name }) => name.replace(/^.*?-before-/, ""))).toEqual([
    "talos-v1.13.3-kubernetes-v1.36.3.db",
    "one-ctrl-01-goes.db",
  ]);
  for (const snapshot of snapshots) expect(snapshot).toMatchObject({ mode: 0o600, whole: true });
  await nothingIsLeftToDo(lab);
});
