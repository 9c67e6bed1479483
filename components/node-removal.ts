import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import type { Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { type ClusterArgs, clusterEnvironment, commandDefaults, operation } from "./operation.ts";
import { refuseAnotherCluster } from "./same-cluster.ts";
import { storedEnvironment } from "./stored-environment.ts";

export interface NodeRemovalArgs extends ClusterArgs {
  /** Seconds. */
  drainTimeout: number;
  /** Whether the last control plane node may go too, as it was in the last up; nothing is drained then. */
  allowDestroy: boolean;
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
    const { drainTimeout, allowDestroy, secrets, node, controlPlane } = args;
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
          CONTROL_PLANE: JSON.stringify(controlPlane.map(({ hostname, address }) => ({ hostname, address }))),
          DRAIN_TIMEOUT: String(drainTimeout),
          ALLOW_DESTROY: String(allowDestroy),
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
          `Take the node out of the stack file and run pulumi up, which removes it; then add it with its new ${word}.`,
      );
    }
  };
}
