import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster, Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { type ClusterArgs, clusterEnvironment, commandDefaults, controlPlaneEnvironment, operation } from "./operation.ts";
import { refuseAnotherCluster } from "./same-cluster.ts";
import { storedEnvironment } from "./stored-environment.ts";

/** Of `allowDestroy` what the last up said counts: whether the last control plane node may go too; nothing is drained then. */
export interface NodeRemovalArgs extends ClusterArgs, Pick<Cluster, "drainTimeout" | "allowDestroy" | "backupDir"> {
  node: Pick<Node, "hostname" | "address" | "role" | "generation">;
  /** All control plane nodes, so that any node can be removed through another. */
  controlPlane: readonly Pick<Node, "hostname" | "address">[];
}

/**
 * Resets a node when it leaves the declaration. It does nothing until then, stands before anything touches the node, and is the only
 * resource whose delete changes a machine. It never has triggers: they would replace it, and so delete the old one.
 */
export class NodeRemoval extends Component {
  constructor(name: string, args: NodeRemovalArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:node:NodeRemoval", name, opts);
    const { drainTimeout, allowDestroy, backupDir, secrets, node, controlPlane } = args;
    const sameMachine = new pulumi.ResourceHook(`${name}-same-machine`, refuseAnotherMachine(node), { onDryRun: true });
    const { declaredCa } = secrets;
    const sameCluster =
      declaredCa && new pulumi.ResourceHook(`${name}-same-cluster`, refuseAnotherCluster(node, declaredCa), { onDryRun: true });
    new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        delete: operation("remove-node", "delete"),
        environment: {
          ...clusterEnvironment(args),
          NODE_HOSTNAME: node.hostname,
          NODE_ADDRESS: node.address,
          NODE_ROLE: node.role,
          NODE_GENERATION: String(node.generation),
          ...controlPlaneEnvironment(controlPlane),
          DRAIN_TIMEOUT: String(drainTimeout),
          ALLOW_DESTROY: String(allowDestroy),
          // For what is run by hand: a bootstrap that failed is in no state.
          BACKUP_DIR: backupDir,
        },
      },
      { ...this.child, hooks: { beforeUpdate: sameCluster ? [sameMachine, sameCluster] : [sameMachine] } },
    );
    this.registerOutputs();
  }
}

/** An update that gives a hostname another address or role would leave the old machine running, forgotten: remove, then add. */
export function refuseAnotherMachine({ hostname, address, role }: Pick<Node, "hostname" | "address" | "role">) {
  return async ({ oldInputs }: Pick<pulumi.ResourceHookArgs, "oldInputs">): Promise<void> => {
    const old = await storedEnvironment(oldInputs);
    for (const [word, before, now] of [
      ["address", old.NODE_ADDRESS, address],
      ["role", old.NODE_ROLE, role],
    ] as const) {
      if (before === now) continue;
      throw new Error(
        `the ${word} of ${hostname} changed from ${before} to ${now}: that is another machine, or needs a new installation. ` +
          `Take the node out of the stack file: npm run up removes it; then add it with its new ${word}.`,
      );
    }
  };
}
