import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { type ClusterArgs, clusterEnvironment, commandDefaults, operation } from "./operation.ts";

export interface ApiReadyArgs extends ClusterArgs {
  /** The node whose API server is waited for: by its address, since the endpoint may need the network that is yet to be installed. */
  node: Pick<Node, "hostname" | "address">;
}

/** Waits for the Kubernetes API. What decides once whether the cluster is reachable stands behind it. */
export class ApiReady extends Component {
  constructor(name: string, args: ApiReadyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:ApiReady", name, opts);
    new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        create: operation("wait-api"),
        update: operation("wait-api"),
        environment: {
          ...clusterEnvironment(args),
          NODE_HOSTNAME: args.node.hostname,
          NODE_ADDRESS: args.node.address,
        },
      },
      this.child,
    );
    this.registerOutputs();
  }
}
