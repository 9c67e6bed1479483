/** A rollout that is killed ten times, anywhere, and run again each time: it converges, and does nothing twice. */
import { expect, onTestFinished, test } from "vitest";
import { departures, overlaps } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import { killedUp, type Victim } from "./harness/kill.ts";
import { allReady, kubernetesNodes } from "./harness/kubernetes.ts";
import type { Lab } from "./harness/lab.ts";
import { nodes } from "./harness/nodes.ts";
import { allRun, whatRuns } from "./harness/runs.ts";
import { ScriptWatch } from "./harness/script-watch.ts";
import { snapshotsIn } from "./harness/snapshots.ts";
import { agent, StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { type Step, Steps } from "./harness/steps.ts";
import { step } from "./harness/story.ts";

const older = { talosVersion: "v1.12.7", talosContract: "v1.12", kubernetesVersion: "v1.35.4" };
const newer = { talosVersion: "v1.13.3", kubernetesVersion: "v1.36.3" };
const hostnames = ["cut-ctrl-01", "cut-ctrl-02", "cut-ctrl-03", "cut-work-01"];
const kills = 10;

const snapshot: readonly Step[] = [
  { what: "the snapshot begins", resource: /-snapshot-command$/ },
  { what: "the snapshot is taken", resource: /-snapshot-command$/, says: /taking an etcd snapshot/ },
];

const talosUpgrade = new Steps([
  ...snapshot,
  ...hostnames.flatMap((hostname) => {
    const resource = new RegExp(`-talos-${hostname}-command$`);
    return [
      { what: `${hostname} begins`, resource },
      { what: `${hostname} gets its image`, resource, says: / pulls / },
      { what: `${hostname} is drained`, resource, says: /drain/ },
      { what: `${hostname} is installed`, resource, says: / installs / },
      { what: `${hostname} is away`, resource, says: /waiting for .* to come back/ },
    ];
  }),
]);

const kubernetesUpgrade = new Steps([
  ...snapshot,
  { what: "the control plane begins", resource: /-kubernetes-version-command$/ },
  ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].flatMap((component) =>
    ["11", "12", "13"].map((address) => ({
      what: `${component} of .${address}`,
      resource: /-kubernetes-version-command$/,
      says: new RegExp(`127\\.123\\.0\\.${address}".*waiting for ${component}`),
    })),
  ),
  ...hostnames.flatMap((hostname) => {
    const resource = new RegExp(`-configuration-${hostname}-reconfigure$`);
    return [
      { what: `${hostname} is configured`, resource },
      { what: `the kubelet of ${hostname} changes`, resource, says: /changes at once/ },
      { what: `the kubelet of ${hostname} is proved`, resource, says: /waiting for .* to be well/ },
    ];
  }),
]);

test("a Talos upgrade and a Kubernetes upgrade, each killed ten times", async () => {
  const files = new StackFiles("upgrade-kill");
  files.virtualIp("10.123.0.8");
  const lab = await startLab({
    name: "upgrade-kill",
    stack: "lab",
    set: {
      endpoint: "https://10.123.0.8:6443",
      nodes: nodes("cut", "10.123.0", 3, 1),
      apps: networkAlone("upgrade-kill"),
      ...older,
      ...files.set,
    },
  });
  await step("three control plane nodes and a worker", () => lab.up());
  await lab.writeCredentials();
  const schematic = await lab.stackOutput<string>("schematicId");
  const scripts = new ScriptWatch(lab);
  onTestFinished(() => scripts.end());

  await lab.config("talosVersion", newer.talosVersion);
  await step("Talos is upgraded, killed ten times", () => killedTenTimes(lab, talosUpgrade));
  const talos = {
    talos: newer.talosVersion,
    schematic,
    extensions: [agent],
    kubelet: older.kubernetesVersion,
    apiServer: older.kubernetesVersion,
  };
  expect(await whatRuns(lab)).toEqual(allRun(hostnames, talos));
  await eachWentOnce(lab);

  await lab.config("kubernetesVersion", newer.kubernetesVersion);
  await step("Kubernetes is upgraded, killed ten times", () => killedTenTimes(lab, kubernetesUpgrade));
  const { kubernetesVersion: version } = newer;
  expect(await whatRuns(lab)).toEqual(allRun(hostnames, { ...talos, kubelet: version, apiServer: version }));
  await eachWentOnce(lab);

  expect(scripts.seen, "scripts that were watched").toBeGreaterThan(2 * kills);
  expect(scripts.clashes, "scripts of two runs at work at once").toEqual([]);
});

/** Runs `pulumi up` again and again, killed at ten steps, and at last to its end. Every snapshot that was kept meanwhile still is. */
async function killedTenTimes(lab: Lab, steps: Steps): Promise<void> {
  const killed: number[] = [];
  const kept = new Map<string, string>();
  for (const [n, wanted] of steps.spread(kills).entries()) {
    const victim: Victim = n % 2 === 0 ? "CLI" : "tree";
    // A step that a killed run's script had gone beyond is not seen again: then the next one will do.
    const target = Math.max(wanted, (killed.at(-1) ?? -1) + 1);
    const { event } = await killedUp(lab, victim, { what: steps.all[target]?.what ?? "the end", at: (event) => steps.at(event) >= target });
    killed.push(steps.at(event));
    await lab.output("pulumi", "cancel", "--yes");
    for (const { name, hash } of snapshotsIn(lab.backups)) kept.set(name, hash);
  }
  console.info(`killed at the steps ${killed.map((step) => step + 1).join(", ")} of ${steps.all.length}`);
  expect(new Set(killed).size, "distinct steps").toBe(kills);

  await lab.up();
  const snapshots = snapshotsIn(lab.backups);
  expect(snapshots.filter(({ mode, whole }) => mode !== 0o600 || !whole)).toEqual([]);
  expect(Object.fromEntries(snapshots.map(({ name, hash }) => [name, hash]))).toMatchObject(Object.fromEntries(kept));
  expect(await lab.up()).toEqual({ same: expect.any(Number) });
}

/** However often it was begun, each node went away once, in the declared order, and alone. */
async function eachWentOnce(lab: Lab): Promise<void> {
  const machines = await lab.machines();
  expect(departures(machines)).toEqual(hostnames);
  expect(overlaps(machines)).toEqual([]);
  expect(await kubernetesNodes(lab)).toEqual(allReady(...hostnames));
}
