import { beforeAll, describe, expect, test } from "vitest";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocks } from "./fixtures.ts";
import { Graph } from "./graph.ts";
import { record } from "./recorder.ts";

/** Every edge of the graph: what stands on the right is made only when what stands on the left is done. */
const edges: [string, string][] = [
  ["cluster-name", "guard-first"],
  ["guard-first", "secrets"],
  ["guard-first", "removal-c1"],
  ["secrets", "removal-c1"],
  ["removal-c1", "removal-c2"],
  ["removal-c2", "removal-c3"],
  ["removal-c3", "removal-w1"],
  ["removal-w1", "removal-w2"],
  ["removal-w2", "guard-nodes"],
  ["secrets", "snapshot"],
  [`schematic-${"a".repeat(64)}`, "snapshot"],
  ["removal-w2", "snapshot"],
  ["snapshot", "talos-c1"],
  ["talos-c1", "talos-c2"],
  ["talos-c2", "talos-c3"],
  ["talos-c3", "kubernetes-version"],
  ["kubernetes-version", "configuration-c1"],
  ["configuration-c1", "configuration-c2"],
  ["configuration-c2", "configuration-c3"],
  ["configuration-c3", "talos-w1"],
  ["talos-w1", "configuration-w1"],
  ["configuration-w1", "talos-w2"],
  ["talos-w2", "configuration-w2"],
  ["configuration-c1", "bootstrap"],
  ["bootstrap", "api"],
  ["api", "kubeconfig"],
  ["kubeconfig", "kubernetes"],
  ["kubernetes", "namespaces"],
  ["namespaces", "crds-flux-system-flux2"],
  ["crds-flux-system-flux2", "release-kube-system-cilium"],
  ["crds-flux-system-flux2", "manifests-flux-system"],
  ["manifests-flux-system", "release-kube-system-cilium"],
  ["release-kube-system-cilium", "after-kube-system-cilium"],
  ["release-flux-system-flux2", "after-flux-system-flux2"],
  ["after-kube-system-cilium", "guard-last"],
  ["after-flux-system-flux2", "guard-last"],
  ["release-kube-system-cilium", "ready-c1"],
  ["configuration-w1", "ready-w1"],
  ["ready-c1", "release-kube-system-coredns"],
  ["ready-c3", "release-kube-system-coredns"],
  ["release-kube-system-coredns", "release-flux-system-flux2"],
  ["release-flux-system-flux2", "guard-last"],
  ["ready-w2", "guard-last"],
  ["configuration-w2", "guard-last"],
];

/** Pairs that may run side by side: one that fails or waits must not hold up the other. */
const independent: [string, string][] = [
  ["configuration-c2", "bootstrap"],
  ["talos-w1", "bootstrap"],
  ["configuration-w1", "release-kube-system-cilium"],
  ["configuration-w2", "release-flux-system-flux2"],
  ["ready-w1", "release-kube-system-coredns"],
  ["ready-w1", "configuration-w2"],
  ["bootstrap", "talos-w1"],
  ["guard-nodes", "snapshot"],
  ["after-kube-system-cilium", "release-kube-system-coredns"],
];

let graph: Graph;
beforeAll(async () => {
  graph = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declaration())));
});

test.each(edges)("%s comes before %s", (earlier, later) => {
  expect(graph.waitsFor(later, earlier)).toBe(true);
});

test.each(edges)("%s, deleted, goes after %s", (earlier, later) => {
  expect(graph.waitsFor(earlier, later)).toBe(false);
});

test.each(independent)("%s does not hold up %s", (one, other) => {
  expect(graph.waitsFor(other, one)).toBe(false);
});

test("a definition among manifests comes before the objects beside it", () => {
  const definition = "manifests-flux-system-apiextensions.k8s.io-v1-CustomResourceDefinition-tools.example.org";
  expect(graph.waitsFor("manifests-flux-system-v1-Secret-flux-system-deploy-key", definition)).toBe(true);
});

describe("inside a node's configuration", () => {
  test("nothing is applied before a node that runs was brought to it, and a machine is known to be ours", () => {
    expect(graph.waitsFor("configuration-c1-apply", "configuration-c1-reconfigure")).toBe(true);
  });
});

test("of any two removals one waits for the other by an edge of its own: the engine orders deletions by nothing else", () => {
  const removals = ["c1", "c2", "c3", "w1", "w2"].map((hostname) => graph.get(`removal-${hostname}-command`));
  removals.forEach(({ dependencies }, index) => {
    for (const earlier of removals.slice(0, index)) expect(dependencies).toContain(earlier.urn);
  });
});

test("workers are changed in as many lanes as declared", async () => {
  const two = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declaration({ workerLanes: 2 }))));
  expect(two.waitsFor("talos-w2", "configuration-w1")).toBe(false);
  expect(two.waitsFor("talos-w2", "configuration-c3")).toBe(true);
});

const manifests = declaration().manifests.filter(({ release }) => !release);
test.each([
  ["", {}],
  [", where nothing but manifests is declared too", { releases: [], manifests }],
  [", where no apps are declared too", { releases: [], manifests: [], namespaces: [] }],
])("the last guard waits for everything%s", async (_, changes) => {
  const whole = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declaration(changes))));
  const others = whole.all
    .filter(({ custom, name }) => custom && name !== "demo-guard-last-command")
    .map(({ name }) => name.replace(/^demo-/, ""));
  expect(others.filter((name) => !whole.waitsFor("guard-last", name))).toEqual([]);
});
