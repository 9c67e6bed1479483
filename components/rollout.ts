import type * as pulumi from "@pulumi/pulumi";
import type { Declaration } from "../cluster/declaration.ts";
import { type Rollout, type Step, steps } from "../cluster/order.ts";
import type { ClusterSecrets } from "./cluster-secrets.ts";
import { EtcdSnapshot } from "./etcd-snapshot.ts";
import { KubernetesVersion } from "./kubernetes-version.ts";
import { type Made, made } from "./made.ts";
import { NodeConfiguration } from "./node-configuration.ts";
import type { Schematic } from "./schematic.ts";
import { TalosVersion } from "./talos-version.ts";

export interface RolloutArgs {
  declared: Declaration;
  order: Rollout;
  secrets: ClusterSecrets;
  schematics: Made<Schematic>;
  /** What the first step waits for. */
  after: readonly pulumi.Resource[];
  parent: pulumi.Resource;
  /** Who applies the configurations. */
  talos: pulumi.ProviderResource;
}

export interface RolledOut {
  snapshot: EtcdSnapshot;
  /** By hostname. */
  configurations: Made<NodeConfiguration>;
}

/** Declares the steps in which nodes are changed, in the order that cluster/order.ts gives them. No component: they are the cluster's own children. */
export function rollOut(cluster: string, { declared, order, secrets, schematics, after, parent, talos }: RolloutArgs): RolledOut {
  const nodes = new Map(
    declared.nodes.map((node) => [node.hostname, { ...node, schematicId: made(schematics, node.image.id).id }] as const),
  );
  const done = new Map<string, pulumi.Resource>();
  const configurations = new Map<string, NodeConfiguration>();
  let snapshot: EtcdSnapshot | undefined;

  const take = (step: Step, name: string, waiting: pulumi.ComponentResourceOptions): pulumi.Resource => {
    const common = { ...declared, secrets };
    switch (step.does) {
      case "snapshot":
        snapshot = new EtcdSnapshot(name, { ...common, nodes: [...nodes.values()] }, waiting);
        return snapshot;
      case "kubernetes":
        return new KubernetesVersion(name, { ...common, controlPlane: order.controlPlane }, waiting);
      case "talos": {
        const node = made(nodes, step.node.hostname);
        return new TalosVersion(name, { ...common, schematicId: node.schematicId, node }, waiting);
      }
      case "configuration": {
        const node = made(nodes, step.node.hostname);
        const configuration = new NodeConfiguration(
          name,
          { ...common, schematicId: node.schematicId, node },
          { ...waiting, provider: talos },
        );
        configurations.set(node.hostname, configuration);
        return configuration;
      }
    }
  };
  for (const step of steps(order)) {
    const dependsOn = step.after === undefined ? [...after] : made(done, step.after);
    done.set(step.name, take(step, `${cluster}-${step.name}`, { parent, dependsOn }));
  }
  if (!snapshot) throw new Error("a rollout begins with a snapshot");
  return { snapshot, configurations };
}
