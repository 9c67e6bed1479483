import { beforeAll, describe, expect, test } from "vitest";
import { begun, eachBeginning, ended } from "../cluster/support/engine.ts";
import type { Written } from "./declarations.ts";
import { deletion, differences, missing } from "./deployment.ts";
import { always, eachSeries, histories, onWorkers, type Recorded, type Run, recordHistories, seed } from "./series.ts";

// A machine that is busy with something else takes its time.
beforeAll(recordHistories, 240_000);

/** What may take a node away, by the name of what does it; Kubernetes's upgrade may any of the control plane. */
function nodeOf(name: string): string | undefined {
  if (name === "kubernetes-version-command") return "c";
  return /^(?:(?:talos|configuration)-(?<node>[cw]\d+)-(?:command|reconfigure|apply)|delete removal-(?<gone>[cw]\d+)-command)$/
    .exec(name)
    ?.slice(1)
    .find(Boolean);
}
const isReset = (name: string) => name.startsWith("delete removal-") && nodeOf(name) !== undefined;
const onControlPlane = (name: string) => name === "snapshot-command" || nodeOf(name)?.startsWith("c");
const ofNode = (hostname: string) => [
  `talos-${hostname}-command`,
  `configuration-${hostname}-reconfigure`,
  `configuration-${hostname}-apply`,
];

/** Calls back where something begins, with what runs beside it, and with whether something declared is in the state as it is declared. */
function eachStep({ events, changed }: Run, look: (name: string, beside: string[], isThere: (name: string) => boolean) => void): void {
  eachBeginning(events, (name, beside, done) => look(name, beside, (one) => !changed.has(one) || done.has(one)));
}

describe(`whatever is changed together, whatever fails or is killed, and whoever is faster (SEED=${seed}),`, () => {
  test("no two control plane nodes are changed side by side, nor one beside its Kubernetes upgrade or a worker; and workers by their lanes", () =>
    always((run) =>
      eachStep(run, (name, beside) => {
        const nodes = [name, ...beside].filter((one) => !isReset(one)).flatMap((one) => nodeOf(one) ?? []);
        if (nodes.some((node) => node.startsWith("c"))) expect(nodes).toHaveLength(1);
        expect(nodes.length).toBeLessThanOrEqual(Math.max(1, run.written.cluster.workerLanes));
      }),
    ));

  test("nodes are reset when all that is declared is there, and none that is declared", () =>
    always((run) =>
      eachStep(run, (name, _, isThere) => {
        if (!isReset(name)) return;
        expect(run.written.nodes.map(({ hostname }) => hostname)).not.toContain(nodeOf(name));
        expect([...run.declared.keys()].filter((one) => !isThere(one))).toEqual([]);
      }),
    ));

  test("nodes are reset one after the other, workers first and the bootstrap node last", () =>
    always(({ before, events, earlier }) => {
      // A run that failed or was killed leaves edges of two declarations; then the scripts take turns.
      const removals = [...before].filter(([name]) => name.startsWith("removal-"));
      if (!earlier || removals.some(([name, resource]) => earlier.declared.get(name) !== resource)) return;
      const { controlPlane, lanes } = earlier.order;
      const order = [...controlPlane, ...lanes.flat()].map(({ hostname }) => deletion(`removal-${hostname}-command`)).reverse();
      const resets = events.filter(({ name }) => isReset(name));
      const begin = begun(resets);
      expect(begin).toEqual(order.filter((name) => begin.includes(name)));
      eachBeginning(resets, (_, beside) => expect(beside).toEqual([]));
    }));

  test("a snapshot is there before anything changes a version", () =>
    always((run) =>
      eachStep(run, (name, _, isThere) => {
        if (/^(talos-|kubernetes-version)/.test(name)) expect(isThere("snapshot-command")).toBe(true);
      }),
    ));

  test("Kubernetes waits for Talos on the whole control plane, and every configuration for both", () =>
    always((run) =>
      eachStep(run, (name, _, isThere) => {
        const talos = run.order.controlPlane.map(({ hostname }) => `talos-${hostname}-command`);
        if (name === "kubernetes-version-command") expect(talos.filter((one) => !isThere(one))).toEqual([]);
        if (!name.startsWith("configuration-")) return;
        expect(isThere("kubernetes-version-command")).toBe(true);
        expect(isThere(`talos-${nodeOf(name)}-command`)).toBe(true);
        if (name.endsWith("-apply")) expect(isThere(`configuration-${nodeOf(name)}-reconfigure`)).toBe(true);
      }),
    ));

  test("no worker is touched before the control plane is done", () =>
    always((run) =>
      eachStep(run, (name, _, isThere) => {
        if (isReset(name) || !nodeOf(name)?.startsWith("w")) return;
        const before = run.order.controlPlane.flatMap(({ hostname }) => ofNode(hostname));
        expect(before.filter((one) => !isThere(one))).toEqual([]);
      }),
    ));

  test("nothing touches a node before every removal is there, and the guard that is made first", () =>
    always((run) =>
      eachStep(run, (name, _, isThere) => {
        if (isReset(name) || !nodeOf(name)) return;
        expect(
          ["guard-first-command", ...run.written.nodes.map(({ hostname }) => `removal-${hostname}-command`)].filter((one) => !isThere(one)),
        ).toEqual([]);
      }),
    ));

  test("what fails on the control plane is the last that changes a node", () =>
    always(({ events }) => {
      const failed = events.findIndex(({ name, what }) => what === "fails" && onControlPlane(name));
      if (failed >= 0) expect(begun(events.slice(failed)).filter(nodeOf)).toEqual([]);
    }));

  test("a worker that fails holds up its own lane, and neither another nor the apps", () =>
    always(({ events, changed, chances, order, lot }) => {
      if (lot.killed !== null || ![...chances.fails].every((name) => onWorkers.test(name))) return;
      const done = new Set(ended(events));
      for (const lane of order.lanes) {
        const work = lane.flatMap(({ hostname }) => ofNode(hostname)).filter((name) => changed.has(name));
        const failed = work.findIndex((name) => chances.fails.has(name));
        expect(work.filter((name) => done.has(name))).toEqual(failed < 0 ? work : work.slice(0, failed));
      }
      const apps = [...changed].filter((name) => /^(release|namespaces|crds|manifests|after)-/.test(name));
      expect(apps.filter((name) => !done.has(name))).toEqual([]);
    }));

  test("etcd is started only once its node has its configuration", () =>
    always((run) =>
      eachStep(run, (name, _, isThere) => {
        if (name === "bootstrap-command") expect(isThere(`configuration-${run.order.bootstrap.hostname}-apply`)).toBe(true);
      }),
    ));

  test("the state that is left is whole", () => always(({ after }) => expect(missing(after)).toEqual([])));

  test("the next run does what was left, and the one after it nothing", () =>
    eachSeries((runs) => {
      const [disturbed, mended, again] = runs.slice(-3) as [Run, Run, Run];
      const left = [...disturbed.changed, ...[...disturbed.gone].filter((name) => disturbed.before.get(name)?.custom).map(deletion)];
      const done = new Set(ended(disturbed.events));
      expect(ended(mended.events).sort()).toEqual(left.filter((name) => !done.has(name)).sort());
      expect([...mended.after].sort()).toEqual([...mended.declared].sort());
      expect(again.events).toEqual([]);
    }));
});

describe(`of any mix of changes (SEED=${seed})`, () => {
  /** Each declaration with each other of the same cluster. */
  const eachPair = (look: (before: Recorded, after: Recorded) => void) =>
    histories.forEach((history) => {
      for (const before of history) for (const after of history) look(before, after);
    });
  const patchesOf = ({ patches }: Written, layer: string) => patches.filter(({ path }) => path.startsWith(`${layer}/`)).sort(byPath);
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
  const schematicOf = ({ schematics }: Written, hostname: string) => (schematics.get(hostname) ?? schematics.get(""))?.id;

  /** What each step is about, by its resource, as far as a mix can change it. */
  function subjects({ written, order }: Recorded): Map<string, string> {
    const { talosVersion, kubernetesVersion, allowDestroy } = written.cluster;
    // Of lists of nodes the order is nothing that a step is about.
    const controlPlane = order.controlPlane.map(({ hostname }) => hostname).sort();
    const nodes = written.nodes.map(({ hostname }) => hostname).sort();
    const found = new Map<string, unknown>([
      ["snapshot-command", [talosVersion, kubernetesVersion, nodes.map((hostname) => [hostname, schematicOf(written, hostname)])]],
      ["kubernetes-version-command", [kubernetesVersion, controlPlane]],
      ["bootstrap-command", [controlPlane, order.bootstrap.hostname, order.bootstrap.generation]],
      ...["first", "nodes", "last"].map((where) => [`guard-${where}-command`, allowDestroy] as const),
    ]);
    for (const { hostname, role, generation } of written.nodes) {
      const talos = [talosVersion, schematicOf(written, hostname)];
      const layers = ["global", role === "worker" ? "worker" : "controller", `nodes/${hostname}`].map((layer) => patchesOf(written, layer));
      found.set(`talos-${hostname}-command`, talos);
      for (const part of ["reconfigure", "apply"]) {
        found.set(`configuration-${hostname}-${part}`, [talos, kubernetesVersion, layers, generation]);
      }
      found.set(`removal-${hostname}-command`, [generation, allowDestroy, controlPlane]);
      found.set(`ready-${hostname}-command`, [generation, order.bootstrap.hostname]);
    }
    return new Map([...found].map(([name, about]) => [name, JSON.stringify(about)]));
  }

  test("a step is taken where what it is about is changed, and for no neighbour's sake", () =>
    eachPair((before, after) => {
      const [old, now] = [subjects(before), subjects(after)];
      const { changed, gone } = differences(before.resources, after.resources);
      const expected = [...now].filter(([name, about]) => old.get(name) !== about).map(([name]) => name);
      expect([...changed].filter((name) => now.has(name)).sort()).toEqual(expected.sort());
      const left = [...old.keys()].filter((name) => !now.has(name));
      expect([...gone].filter((name) => old.has(name)).sort()).toEqual(left.sort());
    }));

  test("what does something when it is deleted is never replaced, by nothing that is declared", () =>
    eachPair((before, after) => {
      for (const [name, one] of after.registrations) {
        if (one.type !== "command:local:Command" || !("delete" in one.inputs)) continue;
        expect([name, one.inputs.triggers, one.replaceOnChanges, one.replacementTrigger]).toEqual([
          name,
          undefined,
          ["triggers[*]"],
          undefined,
        ]);
        const old = before.registrations.get(name);
        if (old) expect([one.urn, one.provider, one.inputs.delete]).toEqual([old.urn, old.provider, old.inputs.delete]);
      }
    }));

  test("one resource starts etcd, on the first control plane node", () =>
    eachPair((_, { registrations, order }) => {
      const starts = [...registrations.values()].filter(({ inputs }) => /bootstrap/.test(`${inputs.create}${inputs.update}`));
      expect(starts.map(({ name }) => name)).toEqual(["demo-bootstrap-command"]);
      expect(starts[0]?.inputs.environment).toMatchObject({ NODE_HOSTNAME: order.bootstrap.hostname });
    }));
});
