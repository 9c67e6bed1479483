import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { type ClusterArgs, clusterEnvironment, commandDefaults, operation } from "./operation.ts";

export interface NodeReadyArgs extends ClusterArgs {
  node: Pick<Node, "hostname" | "address" | "role" | "generation">;
  /** A control plane node, through which Kubernetes is asked where none answers that the node itself knows. */
  api: Pick<Node, "address">;
}

/**
 * Waits until a node is Ready and its network runs. Helm's own wait is not enough: it takes a DaemonSet for ready that may be
 * unavailable on one node, which on a single node is everywhere. One that was set up anew is waited for again.
 */
export class NodeReady extends Component {
  constructor(name: string, args: NodeReadyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:node:NodeReady", name, opts);
    new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        create: operation("wait-node-ready"),
        update: operation("wait-node-ready"),
        environment: {
          ...clusterEnvironment(args),
          NODE_HOSTNAME: args.node.hostname,
          NODE_ADDRESS: args.node.address,
          NODE_ROLE: args.node.role,
          NODE_GENERATION: String(args.node.generation),
          API_ADDRESS: args.api.address,
        },
      },
      this.child,
    );
    this.registerOutputs();
  }
}
