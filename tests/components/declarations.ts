import fc from "fast-check";
import { crossChecks } from "../../cluster/checks.ts";
import { type Declaration, declareNodes } from "../../cluster/declaration.ts";
import type { PatchFile } from "../../cluster/patches.ts";
import type { Cluster, Node, Role } from "../../cluster/schema.ts";
import { parseSchematic, type Schematic } from "../../cluster/schematic.ts";
import { declaration, node } from "./fixtures.ts";

/** What an owner writes that concerns nodes. */
export interface Written {
  cluster: Pick<Cluster, "talosVersion" | "kubernetesVersion" | "workerLanes" | "allowDestroy">;
  nodes: readonly Node[];
  patches: readonly PatchFile[];
  /** A node's own, by hostname; that of all others by no name. */
  schematics: ReadonlyMap<string, Schematic>;
}

/** A change of one thing. What is chosen, a node or a version, is told by numbers. */
interface Change {
  kind: keyof typeof kinds;
  which: number;
  value: number;
}

const pick = <T>(from: readonly T[], number: number) => from[number % from.length] as T;
const schematic = (value: number) => parseSchematic("schematic.yaml", `customization: { extraKernelArgs: [value=${value}] }`);
const ofRole = (nodes: readonly Node[], role: Role) => nodes.filter((one) => one.role === role);

/** The nodes of a role are named by numbers that are never another's, and have addresses by them. */
function numbered(role: Role, number: number): Node {
  const { image: _, installerImage: __, installationMedium: ___, configPatches: ____, ...plain } = node("", role, 0);
  const [letter, network] = role === "controlplane" ? ["c", 1] : ["w", 2];
  return { ...plain, hostname: `${letter}${number}`, address: `10.1.${network}.${number + 1}` };
}

function withNodes(written: Written, role: Role, { which, value }: Change): Written {
  const named = new Set(written.nodes.map(({ hostname }) => hostname));
  const unused = Array.from({ length: 40 }, (_, number) => numbered(role, number)).filter(({ hostname }) => !named.has(hostname));
  const nodes = [...written.nodes];
  nodes.splice(which % (nodes.length + 1), 0, ...unused.slice(value, value + 1 + (value % 2)));
  return { ...written, nodes };
}

/** At least one control plane node stays: cluster/ takes no declaration without. */
function withoutNodes(written: Written, role: Role, { which, value }: Change): Written {
  const candidates = ofRole(written.nodes, role);
  const number = Math.min(1 + (value % 3), candidates.length - (role === "controlplane" ? 1 : 0));
  const gone = new Set(Array.from({ length: Math.max(0, number) }, (_, index) => pick(candidates, which + index).hostname));
  return {
    ...written,
    nodes: written.nodes.filter(({ hostname }) => !gone.has(hostname)),
    // A layer of nobody's is refused.
    patches: written.patches.filter(({ path }) => !gone.has(/^nodes\/([^/]+)/.exec(path)?.[1] ?? "")),
    schematics: new Map([...written.schematics].filter(([hostname]) => !gone.has(hostname))),
  };
}

function withPatch(written: Written, layer: string, { which, value }: Change): Written {
  const path = `${layer}/${which % 2}.yaml`;
  const text = `machine: { sysctls: { value: "${value}" } }\n`;
  return { ...written, patches: [...written.patches.filter((patch) => patch.path !== path), { path, text }] };
}

const withCluster = (written: Written, changes: Partial<Written["cluster"]>): Written => ({
  ...written,
  cluster: { ...written.cluster, ...changes },
});

const kinds = {
  talosVersion: (written: Written, { value }: Change) =>
    withCluster(written, { talosVersion: pick(["v1.13.3", "v1.13.4", "v1.14.0"], value) }),
  kubernetesVersion: (written: Written, { value }: Change) =>
    withCluster(written, { kubernetesVersion: pick(["v1.36.3", "v1.36.4", "v1.35.4"], value) }),
  schematic: (written: Written, { value }: Change) => ({
    ...written,
    schematics: new Map(written.schematics).set("", schematic(value % 3)),
  }),
  nodeSchematic: (written: Written, { which, value }: Change) => ({
    ...written,
    schematics: new Map(written.schematics).set(pick(written.nodes, which).hostname, schematic(value % 3)),
  }),
  globalPatch: (written: Written, change: Change) => withPatch(written, "global", change),
  rolePatch: (written: Written, change: Change) => withPatch(written, pick(["controller", "worker"], change.value), change),
  nodePatch: (written: Written, change: Change) => withPatch(written, `nodes/${pick(written.nodes, change.which).hostname}`, change),
  addControlPlane: (written: Written, change: Change) => withNodes(written, "controlplane", change),
  addWorkers: (written: Written, change: Change) => withNodes(written, "worker", change),
  removeControlPlane: (written: Written, change: Change) => withoutNodes(written, "controlplane", change),
  removeWorkers: (written: Written, change: Change) => withoutNodes(written, "worker", change),
  generation: (written: Written, { which }: Change) => {
    const raised = pick(written.nodes, which);
    return { ...written, nodes: written.nodes.map((one) => (one === raised ? { ...one, generation: one.generation + 1 } : one)) };
  },
  order: (written: Written, { which }: Change) => {
    const middle = which % written.nodes.length;
    return { ...written, nodes: [...written.nodes.slice(middle), ...written.nodes.slice(0, middle).reverse()] };
  },
  lanes: (written: Written, { value }: Change) => withCluster(written, { workerLanes: 1 + (value % 4) }),
  allowDestroy: (written: Written) => withCluster(written, { allowDestroy: !written.cluster.allowDestroy }),
};

const arbitraryMix = fc.array(
  fc.record({ kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])), which: fc.nat(99), value: fc.nat(11) }),
  { minLength: 1, maxLength: 5 },
);

const mixed = (written: Written, mix: readonly Change[]) => mix.reduce((so, change) => kinds[change.kind](so, change), written);

/** A cluster of any size, and what its owner makes of it by two mixes of changes, one after the other. */
export const arbitraryHistory = fc
  .record({
    controlPlane: fc.constantFrom(1, 3, 5, 7),
    workers: fc.integer({ min: 0, max: 20 }),
    workerLanes: fc.integer({ min: 1, max: 4 }),
    mixes: fc.tuple(arbitraryMix, arbitraryMix),
  })
  .map(({ controlPlane, workers, workerLanes, mixes: [one, another] }): [Written, Written, Written] => {
    const before: Written = {
      cluster: { talosVersion: "v1.13.3", kubernetesVersion: "v1.36.3", workerLanes, allowDestroy: false },
      nodes: [
        ...Array.from({ length: controlPlane }, (_, number) => numbered("controlplane", number)),
        ...Array.from({ length: workers }, (_, number) => numbered("worker", number)),
      ],
      patches: [],
      schematics: new Map([["", schematic(0)]]),
    };
    const after = mixed(before, one);
    return [before, after, mixed(after, another)];
  });

/** As the components are told it. What cluster/ would refuse fails. */
export function declared({ cluster, nodes, patches, schematics }: Written): Declaration {
  // A cluster without workers has to run its pods somewhere.
  const whole = { ...declaration(), ...cluster, nodes: [...nodes], allowSchedulingOnControlPlanes: true, apps: "apps" };
  const problems = crossChecks({ ...whole, secrets: { source: "generated" } });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const images = new Map(nodes.map(({ hostname }) => [hostname, (schematics.get(hostname) ?? schematics.get("")) as Schematic]));
  return { ...whole, nodes: declareNodes({ cluster: { ...whole, secrets: { source: "generated" } }, schematics: images, patches }) };
}
