import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Declaration } from "../../cluster/declaration.ts";
import { rollout, steps } from "../../cluster/order.ts";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { begun, eachBeginning, ended, reversed, run, type Task } from "../cluster/support/engine.ts";
import { declaration, mocks, node } from "./fixtures.ts";
import { Graph } from "./graph.ts";
import { type Registration, record } from "./recorder.ts";

/** Clusters of all kinds: control plane nodes, workers, lanes. Which graph they make is recorded once each. */
const shapes = [
  [1, 0, 1],
  [1, 3, 2],
  [3, 1, 1],
  [3, 6, 4],
  [5, 2, 3],
  [7, 5, 2],
] as const;

interface Recorded {
  declared: Declaration;
  graph: Graph;
  /** What the engine makes, by name without the cluster's. */
  tasks: Task[];
}
let recorded: Recorded[];

beforeAll(async () => {
  recorded = [];
  for (const [controlPlane, workers, workerLanes] of shapes) {
    const nodes = [
      ...Array.from({ length: controlPlane }, (_, n) => node(`c${n}`, "controlplane", n + 1)),
      ...Array.from({ length: workers }, (_, n) => node(`w${n}`, "worker", n + 101)),
    ];
    const declared = declaration({ nodes, workerLanes });
    const registrations = await record(mocks, () => new TalosCluster("demo", declared));
    recorded.push({ declared, graph: new Graph("demo", registrations), tasks: tasksOf([...registrations.values()]) });
  }
});

const short = (name: string) => name.replace(/^demo-/, "");

function tasksOf(registrations: Registration[]): Task[] {
  const names = new Map(registrations.map(({ urn, name }) => [urn, short(name)]));
  return registrations.map(({ name, dependencies, parent, provider }) => ({
    name: short(name),
    after: [...new Set([...dependencies, parent, provider.replace(/::[^:]*$/, "")])].flatMap((urn) => names.get(urn) ?? []),
  }));
}

/** A run of one of the graphs in which some Commands fail, whoever is faster. Guards and removals cannot: made, they do nothing. */
const arbitraryRun = fc
  .record({ shape: fc.nat(shapes.length - 1), picks: fc.array(fc.nat(), { maxLength: 3 }), seed: fc.nat() })
  .map(({ shape, picks, seed }) => {
    const { declared, tasks } = recorded[shape] as Recorded;
    const scripts = tasks
      .map(({ name }) => name)
      .filter((name) => /-(command|reconfigure|apply)$/.test(name) && !/^(guard|removal)-/.test(name));
    const fails = new Set(picks.map((pick) => scripts[pick % scripts.length] as string));
    return { declared, tasks, seed, fails, events: run(tasks, fails, seed) };
  });
type Run = typeof arbitraryRun extends fc.Arbitrary<infer R> ? R : never;

function always(assertion: (run: Run) => void): void {
  fc.assert(fc.property(arbitraryRun, assertion), { numRuns: 150 });
}

test.each(shapes.map((shape, index) => [shape, index] as const))(
  "the graph of %j has the order of the plan, no edge more or less",
  (_, index) => {
    const { declared, graph } = recorded[index] as Recorded;
    const planned = new Map(steps(rollout(declared)).map((step) => [step.name, step]));
    const before = (name: string): string[] => {
      const earlier = planned.get(name)?.after;
      return earlier === undefined ? [] : [earlier, ...before(earlier)];
    };
    for (const later of planned.keys()) {
      const awaited = [...planned.keys()].filter((earlier) => earlier !== later && graph.waitsFor(later, earlier));
      expect([later, awaited.sort()]).toEqual([later, before(later).sort()]);
    }
  },
);

describe("whatever fails and whoever is faster,", () => {
  /** The node of a step that may take it away, by the name of its resource. */
  const away = /^(?:talos|configuration)-(?<node>[cw]\d+)-(?:command|reconfigure|apply)$/;
  const nodeOf = (name: string) => away.exec(name)?.groups?.node;

  test("no two control plane nodes are changed side by side, nor one beside its Kubernetes upgrade or a worker", () =>
    always(({ events, declared }) => {
      eachBeginning(events, (name, beside) => {
        const nodes = [name, ...beside].flatMap((one) => nodeOf(one) ?? (one === "kubernetes-version-command" ? "c" : []));
        if (nodes.some((one) => one.startsWith("c"))) expect(nodes).toHaveLength(1);
        expect(nodes.length).toBeLessThanOrEqual(Math.max(1, declared.workerLanes));
      });
    }));

  test("etcd is started by one resource, and only once its node has its configuration", () =>
    always(({ events }) => {
      eachBeginning(events, (name, _, done) => {
        if (name === "bootstrap-command") expect(done).toContain("configuration-c0-apply");
      });
      expect(begun(events).filter((name) => name.endsWith("bootstrap-command")).length).toBeLessThanOrEqual(1);
    }));

  test("a worker that fails leaves the apps alone", () =>
    always(({ events, fails, tasks }) => {
      if ([...fails].some((name) => !nodeOf(name)?.startsWith("w"))) return;
      const done = new Set(ended(events));
      const apps = tasks.map(({ name }) => name).filter((name) => /^(release|namespaces|crds|manifests|after)-/.test(name));
      for (const app of apps) expect(done).toContain(app);
    }));

  test("nothing touches a node before every removal is there, and the guard that is made first", () =>
    always(({ events, declared }) => {
      eachBeginning(events, (name, _, done) => {
        if (!nodeOf(name)) return;
        expect(done).toContain("guard-first-command");
        for (const { hostname } of declared.nodes) expect(done).toContain(`removal-${hostname}-command`);
      });
    }));

  test("a destroy that is not allowed resets no node, however far the run came", () =>
    always(({ events, tasks, seed }) => {
      const made = new Set(ended(events));
      const state = tasks.filter(({ name }) => made.has(name));
      const guards = new Set(state.map(({ name }) => name).filter((name) => /^guard-.*-command$/.test(name)));
      const destroyed = begun(run(reversed(state), guards, seed));
      expect(destroyed.filter((name) => name.startsWith("removal-"))).toEqual([]);
      expect(destroyed).not.toContain("secrets-generated");
    }));

  test("a destroy that is allowed resets one node after the other, workers first and the bootstrap node last", () =>
    always(({ events, tasks, declared, seed }) => {
      const made = new Set(ended(events));
      const destroyed = run(reversed(tasks.filter(({ name }) => made.has(name))), new Set(), seed);
      const resets = destroyed.filter(({ name }) => /^removal-.*-command$/.test(name));
      const { controlPlane, lanes } = rollout(declared);
      const order = [...controlPlane, ...lanes.flat()].map(({ hostname }) => `removal-${hostname}-command`).reverse();
      expect(resets.map(({ name, what }) => `${what} ${name}`)).toEqual(order.flatMap((name) => [`begins ${name}`, `ends ${name}`]));
    }));

  test("nodes that are removed together are reset one after the other, whichever they are", () =>
    always(({ tasks, declared, seed }) => {
      // Only what is removed is deleted, and only direct edges count.
      const gone = declared.nodes.filter((_, index) => (seed >> index) & 1).map(({ hostname }) => `removal-${hostname}-command`);
      const deleted = reversed(
        tasks
          .filter(({ name }) => gone.includes(name))
          .map(({ name, after }) => ({ name, after: after.filter((one) => gone.includes(one)) })),
      );
      eachBeginning(run(deleted, new Set(), seed), (_, beside) => expect(beside).toEqual([]));
    }));
});
