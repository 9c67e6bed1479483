import type { Cluster, Node } from "./schema.ts";

/** In which order nodes are changed. */
export interface Rollout {
  /** Control plane nodes, strictly one after the other. */
  controlPlane: readonly Node[];
  /** Workers in chains that run side by side, behind the control plane. */
  lanes: readonly (readonly Node[])[];
  /** The node that etcd is started on: the first control plane node. */
  bootstrap: Node;
}

/** The order of a cluster's nodes, as they are declared. */
export function rollout({ nodes, workerLanes }: Pick<Cluster, "nodes" | "workerLanes">): Rollout {
  const controlPlane = nodes.filter((node) => node.role === "controlplane");
  const workers = nodes.filter((node) => node.role === "worker");
  const [bootstrap] = controlPlane;
  if (!bootstrap) throw new Error("a cluster without a control plane node has no order");
  const lanes = Array.from({ length: Math.min(workerLanes, workers.length) }, (_, lane) =>
    workers.filter((_, index) => index % workerLanes === lane),
  );
  return { controlPlane, lanes, bootstrap };
}

/** What a step does to the whole cluster, or to one node. */
type Deed = { does: "snapshot" | "kubernetes" } | { does: "talos" | "configuration"; node: Node };

/** One step of a rollout. */
export type Step = Deed & {
  name: string;
  /** The step that has to be done before it, and through that one all before it; undefined for the first. */
  after: string | undefined;
};

/**
 * All steps, each behind the one that it waits for. The order is the same for a new cluster and for one that runs: what changes a running
 * cluster stands before the configuration that declares it.
 */
export function steps({ controlPlane, lanes }: Rollout): Step[] {
  const talos = (node: Node): Deed => ({ does: "talos", node });
  const configuration = (node: Node): Deed => ({ does: "configuration", node });

  const trunk = chain(undefined, [
    { does: "snapshot" },
    ...controlPlane.map(talos),
    { does: "kubernetes" },
    ...controlPlane.map(configuration),
  ]);
  const controlPlaneDone = trunk.at(-1)?.name;
  return [
    ...trunk,
    ...lanes.flatMap((lane) =>
      chain(
        controlPlaneDone,
        lane.flatMap((node) => [talos(node), configuration(node)]),
      ),
    ),
  ];
}

function chain(head: string | undefined, deeds: readonly Deed[]): Step[] {
  let after = head;
  return deeds.map((deed) => {
    const step = { ...deed, name: nameOf(deed), after };
    after = step.name;
    return step;
  });
}

function nameOf(deed: Deed): string {
  switch (deed.does) {
    case "snapshot":
      return "snapshot";
    case "kubernetes":
      return "kubernetes-version";
    default:
      return `${deed.does}-${deed.node.hostname}`;
  }
}

/** The same for people, a line for what runs side by side. A preview shows it beside what it was. */
export function describeRollout({ controlPlane, lanes }: Rollout, versions: Pick<Cluster, "talosVersion" | "kubernetesVersion">): string[] {
  const inTurn = (nodes: readonly Node[]) => nodes.map(({ hostname }) => hostname).join(", then ");
  const all = inTurn(controlPlane);
  return [
    "etcd snapshot",
    `Talos ${versions.talosVersion}: ${all}`,
    `Kubernetes ${versions.kubernetesVersion}: API servers, controller managers and schedulers of ${all}`,
    `machine configuration, and with it the kubelet: ${all}`,
    ...lanes.map((lane) => `Talos ${versions.talosVersion} and machine configuration: ${inTurn(lane)}`),
  ];
}
