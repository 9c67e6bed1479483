import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeRollout, rollout, type Step, steps } from "../../cluster/order.ts";
import type { Node } from "../../cluster/schema.ts";
import { begun, eachBeginning, ended, run } from "./support/engine.ts";

const named = (hostname: string, role: Node["role"]) => ({ hostname, role }) as Node;

/** Clusters whose nodes are declared in any order. */
const arbitraryCluster = fc
  .record({
    controlPlane: fc.constantFrom(1, 3, 5, 7),
    workers: fc.integer({ min: 0, max: 20 }),
    workerLanes: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ controlPlane, workers, workerLanes }) => {
    const nodes = [
      ...Array.from({ length: controlPlane }, (_, n) => named(`c${n}`, "controlplane")),
      ...Array.from({ length: workers }, (_, n) => named(`w${n}`, "worker")),
    ];
    return fc
      .shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length })
      .map((shuffled) => ({ nodes: shuffled, workerLanes }));
  });

/** What happens in a rollout of a cluster in which some steps fail, whoever is faster. */
const arbitraryRun = arbitraryCluster.chain((cluster) => {
  const order = rollout(cluster);
  const planned = steps(order);
  const names = planned.map(({ name }) => name);
  const failing = fc.oneof(fc.constant<string[]>([]), fc.subarray(names, { maxLength: 3 }), fc.subarray(names));
  return fc.record({ failing, seed: fc.nat() }).map(({ failing, seed }) => {
    const fails = new Set(failing);
    const tasks = planned.map(({ name, after }) => ({ name, after: after === undefined ? [] : [after] }));
    return { cluster, order, planned, fails, events: run(tasks, fails, seed), byName: new Map(planned.map((step) => [step.name, step])) };
  });
});

type Run = typeof arbitraryRun extends fc.Arbitrary<infer R> ? R : never;

const onWorker = (step: Step | undefined) => step !== undefined && "node" in step && step.node.role === "worker";

/** Asserts something of every rollout. */
function always(assertion: (run: Run) => void): void {
  fc.assert(fc.property(arbitraryRun, assertion), { numRuns: 1000 });
}

describe("in every rollout, whatever fails and whoever is faster,", () => {
  test("two steps are at work side by side only on workers, and on at most as many as there are lanes", () =>
    always(({ cluster, events, byName }) => {
      eachBeginning(events, (name, beside) => {
        if (beside.length === 0) return;
        expect([name, ...beside].every((one) => onWorker(byName.get(one)))).toBe(true);
        expect(beside.length + 1).toBeLessThanOrEqual(cluster.workerLanes);
      });
    }));

  test("a snapshot is there before anything changes a version", () =>
    always(({ events, byName }) => {
      eachBeginning(events, (name, _, done) => {
        if (["talos", "kubernetes"].includes(byName.get(name)?.does ?? "")) expect(done).toContain("snapshot");
      });
    }));

  test("Kubernetes waits for Talos on the whole control plane, and every configuration for both", () =>
    always(({ order, events, byName }) => {
      eachBeginning(events, (name, _, done) => {
        const step = byName.get(name) as Step;
        if (step.does === "kubernetes") for (const { hostname } of order.controlPlane) expect(done).toContain(`talos-${hostname}`);
        if (step.does === "configuration") {
          expect(done).toContain("kubernetes-version");
          expect(done).toContain(`talos-${step.node.hostname}`);
        }
      });
    }));

  test("no worker is touched before the control plane is done", () =>
    always(({ order, events, byName }) => {
      eachBeginning(events, (name, _, done) => {
        if (!onWorker(byName.get(name))) return;
        for (const { hostname } of order.controlPlane) expect(done).toContain(`configuration-${hostname}`);
      });
    }));

  test("what failed on the control plane is the last that was done", () =>
    always(({ planned, fails, events }) => {
      const trunk = planned.filter((step) => !onWorker(step)).map(({ name }) => name);
      const failed = trunk.findIndex((name) => fails.has(name));
      if (failed >= 0) expect(begun(events)).toEqual(trunk.slice(0, failed + 1));
    }));

  test("a worker that fails holds up its own lane, and nothing else", () =>
    always(({ order, planned, fails, events }) => {
      if (planned.some((step) => !onWorker(step) && fails.has(step.name))) return;
      const inLanes = order.lanes.flatMap((lane) => {
        const names = lane.flatMap(({ hostname }) => [`talos-${hostname}`, `configuration-${hostname}`]);
        const failed = names.findIndex((name) => fails.has(name));
        return failed < 0 ? names : names.slice(0, failed);
      });
      expect(
        ended(events)
          .filter((name) => onWorker(planned.find((step) => step.name === name)))
          .sort(),
      ).toEqual(inLanes.sort());
    }));

  test("every step is taken once when none fails", () =>
    always(({ cluster, planned, fails, events }) => {
      if (fails.size > 0) return;
      expect(ended(events).sort()).toEqual(planned.map(({ name }) => name).sort());
      expect(planned).toHaveLength(2 + 2 * cluster.nodes.length);
    }));
});

describe("the order of nodes", () => {
  test("is that in which they are declared", () => {
    fc.assert(
      fc.property(arbitraryCluster, (cluster) => {
        const { controlPlane, lanes, bootstrap } = rollout(cluster);
        const declared = (nodes: readonly Node[]) => [...nodes].sort((a, b) => cluster.nodes.indexOf(a) - cluster.nodes.indexOf(b));
        for (const chain of [controlPlane, ...lanes]) expect(chain).toEqual(declared(chain));
        expect(bootstrap).toBe(controlPlane[0]);
      }),
    );
  });

  test("stays that of the nodes that stay, whichever come and go", () => {
    const taken = fc.tuple(arbitraryCluster, fc.array(fc.boolean(), { minLength: 27, maxLength: 27 }));
    fc.assert(
      fc.property(taken, ([cluster, stays]) => {
        const nodes = cluster.nodes.filter((node, index) => stays[index] || node.hostname === "c0");
        const [before, after] = [rollout(cluster), rollout({ ...cluster, nodes })];
        expect(after.controlPlane).toEqual(before.controlPlane.filter((node) => nodes.includes(node)));
        // A worker may change its lane, and never gets in front of one that was before it in the same.
        for (const lane of after.lanes) expect(lane).toEqual(nodes.filter((node) => lane.includes(node)));
      }),
    );
  });

  test("has as many lanes as declared, of lengths that differ by one at most, where there are workers enough", () => {
    fc.assert(
      fc.property(arbitraryCluster, (cluster) => {
        const lengths = rollout(cluster).lanes.map((lane) => lane.length);
        const workers = cluster.nodes.filter(({ role }) => role === "worker").length;
        expect(lengths).toHaveLength(Math.min(cluster.workerLanes, workers));
        if (lengths.length > 0) expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("is told to people", () => {
    const nodes = [
      named("c1", "controlplane"),
      ...["w1", "w2", "w3"].map((hostname) => named(hostname, "worker")),
      named("c2", "controlplane"),
    ];
    expect(describeRollout(rollout({ nodes, workerLanes: 2 }), { talosVersion: "v1.13.3", kubernetesVersion: "v1.36.3" })).toEqual([
      "etcd snapshot",
      "Talos v1.13.3: c1, then c2",
      "Kubernetes v1.36.3: API servers, controller managers and schedulers of c1, then c2",
      "machine configuration, and with it the kubelet: c1, then c2",
      "Talos v1.13.3 and machine configuration: w1, then w3",
      "Talos v1.13.3 and machine configuration: w2",
    ]);
  });
});
