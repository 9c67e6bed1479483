import { beforeAll, describe, expect, test } from "vitest";
import type { Declaration, DeclaredNode } from "../../cluster/declaration.ts";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocksByInputs, node } from "./fixtures.ts";
import { type Registration, record } from "./recorder.ts";

const registrations = (changes: Partial<Declaration>) =>
  record(mocksByInputs, () => new TalosCluster("demo", declaration({ ...withoutApps, ...changes })));
const withoutApps = { namespaces: [], releases: [], manifests: [] };

/** The declaration's own nodes, those named changed. */
function nodesWith(hostnames: readonly string[], changes: Partial<DeclaredNode>): DeclaredNode[] {
  return declaration().nodes.map((node) => (hostnames.includes(node.hostname) ? { ...node, ...changes } : node));
}
const everyNode = ["c1", "c2", "c3", "w1", "w2"];
const id = "b".repeat(64);
const otherSchematic = {
  image: { id, text: "customization: {}\n", file: "other.yaml", kernelArguments: [], extensions: [] },
  installerImage: `factory.talos.dev/metal-installer/${id}:v1.13.3`,
  configPatches: [`# ${id}\n`],
};

let before: Map<string, Registration>;
beforeAll(async () => {
  before = await registrations({});
});

/** The resources that a change updates, makes and deletes: what an engine compares is the inputs. */
async function difference(changes: Partial<Declaration>) {
  const after = await registrations(changes);
  const short = (names: string[]) => names.map((name) => name.replace(/^demo-/, "").replace(/-command$/, "")).sort();
  const custom = (all: Map<string, Registration>) => [...all.values()].filter((one) => one.custom).map(({ name }) => name);
  const seen = ({ inputs, replacementTrigger }: Registration) => JSON.stringify({ inputs, replacementTrigger });
  const common = custom(after).filter((name) => before.has(name));
  return {
    updates: short(common.filter((name) => seen(after.get(name) as Registration) !== seen(before.get(name) as Registration))),
    creates: short(custom(after).filter((name) => !before.has(name))),
    deletes: short(custom(before).filter((name) => !after.has(name))),
  };
}

const configurations = (hostnames: readonly string[]) =>
  hostnames.flatMap((hostname) => [`configuration-${hostname}-apply`, `configuration-${hostname}-reconfigure`]);
const of = (part: string, hostnames: readonly string[]) => hostnames.map((hostname) => `${part}-${hostname}`);
const updates = (...names: readonly string[]) => ({ updates: [...names].sort(), creates: [], deletes: [] });

describe("what a preview shows as changed is what a change is about:", () => {
  test("nothing, where nothing is", async () => {
    expect(await difference({})).toEqual(updates());
  });

  test("a Talos version: the snapshot, each node's version, and the configuration that names it", async () => {
    const installer = { installerImage: "factory.talos.dev/x:v1.13.4", configPatches: ["# v1.13.4\n"] };
    const changed = await difference({ talosVersion: "v1.13.4", nodes: nodesWith(everyNode, installer) });
    expect(changed).toEqual(updates("snapshot", ...of("talos", everyNode), ...configurations(everyNode)));
  });

  test("a Kubernetes version: the snapshot, the control plane components, and the configuration that names the kubelet", async () => {
    expect(await difference({ kubernetesVersion: "v1.36.4" })).toEqual(
      updates("snapshot", "kubernetes-version", ...configurations(everyNode)),
    );
  });

  test("one node's schematic: the snapshot and that node", async () => {
    expect(await difference({ nodes: nodesWith(["w1"], otherSchematic) })).toEqual({
      ...updates("snapshot", "talos-w1", ...configurations(["w1"])),
      creates: [`schematic-${id}-submitted`],
    });
  });

  test("one node's patch: that node's configuration", async () => {
    expect(await difference({ nodes: nodesWith(["c2"], { configPatches: ["# other\n"] }) })).toEqual(updates(...configurations(["c2"])));
  });

  test("a raised generation: that node's configuration and removal", async () => {
    expect(await difference({ nodes: nodesWith(["w2"], { generation: 2 }) })).toEqual(updates("removal-w2", ...configurations(["w2"])));
  });

  test("a raised generation of the bootstrap node: whether there is a cluster still is asked too", async () => {
    const raised = (hostname: string) => difference({ nodes: nodesWith([hostname], { generation: 2 }) });
    expect(await raised("c1")).toEqual(updates("bootstrap", "removal-c1", ...configurations(["c1"])));
    expect(await raised("c2")).toEqual(updates("removal-c2", ...configurations(["c2"])));
  });

  test("a worker more: nothing of any other node", async () => {
    expect(await difference({ nodes: [...declaration().nodes, node("w3", "worker", 6)] })).toEqual({
      ...updates("snapshot"),
      creates: [...configurations(["w3"]), "removal-w3", "talos-w3"].sort(),
    });
  });

  test("a worker less: nothing of any other node", async () => {
    expect(await difference({ nodes: declaration().nodes.filter(({ hostname }) => hostname !== "w1") })).toEqual({
      ...updates("snapshot"),
      deletes: [...configurations(["w1"]), "removal-w1", "talos-w1"].sort(),
    });
  });

  test("a control plane node more: what is told who they are, and no node's version or configuration", async () => {
    const { updates: updated, creates } = await difference({ nodes: [...declaration().nodes, node("c4", "controlplane", 6)] });
    expect(updated).toEqual(["bootstrap", "kubernetes-version", ...of("removal", everyNode), "snapshot"].sort());
    expect(creates).toEqual(expect.arrayContaining(["talos-c4", "configuration-c4-apply", "removal-c4"]));
  });

  test("nodes in another order: nothing, as long as the bootstrap node stays the first of the control plane", async () => {
    const [c1, c2, c3, w1, w2] = declaration().nodes as [DeclaredNode, DeclaredNode, DeclaredNode, DeclaredNode, DeclaredNode];
    expect(await difference({ nodes: [w2, c1, c3, w1, c2] })).toEqual(updates());
    const another = await difference({ nodes: [c2, c1, c3, w1, w2] });
    expect(another).toEqual(updates("api", "bootstrap", "kubeconfig-credentials", "kubernetes"));
  });

  test("the number of lanes: nothing", async () => {
    expect(await difference({ workerLanes: 2 })).toEqual(updates());
  });
});
