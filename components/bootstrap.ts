import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { type ClusterArgs, clusterEnvironment, commandDefaults, operation } from "./operation.ts";

export interface BootstrapArgs extends ClusterArgs {
  /** The node that etcd is started on. */
  node: Pick<Node, "hostname" | "address">;
  /** Every declared control plane node: each is asked whether the cluster exists already. */
  controlPlane: readonly Pick<Node, "hostname" | "address">[];
}

/**
 * Starts etcd once in a cluster's life. The provider's own resource asks only the one node, and retries AlreadyExists until it fails;
 * the script asks all of them and starts etcd only where no member is, or may be, anywhere.
 */
export class Bootstrap extends Component {
  /** The resource that stands for the running cluster: what lives in the cluster is deleted with it. */
  readonly cluster: pulumi.CustomResource;

  constructor(name: string, args: BootstrapArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:Bootstrap", name, opts);
    this.cluster = new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        create: operation("bootstrap"),
        update: operation("bootstrap"),
        environment: {
          ...clusterEnvironment(args),
          CONTROL_PLANE: JSON.stringify(args.controlPlane.map(({ hostname, address }) => ({ hostname, address }))),
          NODE_HOSTNAME: args.node.hostname,
          NODE_ADDRESS: args.node.address,
        },
      },
      this.child,
    );
    this.registerOutputs();
  }
}
