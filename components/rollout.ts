import type * as pulumi from "@pulumi/pulumi";
import { predecessors, type Rollout } from "../cluster/order.ts";
import type { Declaration } from "../sources/load.ts";
import type { ClusterSecrets } from "./cluster-secrets.ts";
import { type Made, made } from "./made.ts";
import { NodeConfiguration } from "./node-configuration.ts";
import type { Schematic } from "./schematic.ts";

export interface RolloutArgs {
  declared: Declaration;
  order: Rollout;
  secrets: ClusterSecrets;
  schematics: Made<Schematic>;
  /** What the first step waits for. */
  after: readonly pulumi.Resource[];
  options: pulumi.ComponentResourceOptions;
}

export interface RolledOut {
  /** By hostname. */
  configurations: Made<NodeConfiguration>;
}

/** Declares the steps in which nodes are changed, in the order that cluster/order.ts gives them. No component: they are the cluster's own children. */
export function rollOut(cluster: string, { declared, order, secrets, schematics, after, options }: RolloutArgs): RolledOut {
  const nodes = new Map(declared.nodes.map((node) => [node.hostname, node]));
  const configurations = new Map<string, NodeConfiguration>();
  for (const [hostname, before] of predecessors(order)) {
    const node = made(nodes, hostname);
    const dependsOn = before ? made(configurations, before.hostname) : [...after];
    const args = { ...declared, secrets, schematicId: made(schematics, node.image.id).id, node };
    configurations.set(hostname, new NodeConfiguration(`${cluster}-configuration-${hostname}`, args, { ...options, dependsOn }));
  }
  return { configurations };
}
