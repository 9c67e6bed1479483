import type { Cluster, Node } from "./schema.ts";

/** In which order nodes are configured and changed. */
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

/** For each hostname the node that has to be done before it; undefined for the first. */
export function predecessors({ controlPlane, lanes }: Rollout): Map<string, Node | undefined> {
  const before = new Map<string, Node | undefined>();
  const chain = (nodes: readonly Node[], head: Node | undefined) => {
    nodes.forEach((node, index) => {
      before.set(node.hostname, index === 0 ? head : nodes[index - 1]);
    });
  };
  chain(controlPlane, undefined);
  for (const lane of lanes) chain(lane, controlPlane.at(-1));
  return before;
}
