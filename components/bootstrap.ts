import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster, Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { type ClusterArgs, clusterEnvironment, commandDefaults, controlPlaneEnvironment, operation } from "./operation.ts";

export interface BootstrapArgs extends ClusterArgs, Pick<Cluster, "backupDir"> {
  /** The node that etcd is started on. With a raised generation it came back empty, and the cluster is asked for again. */
  node: Pick<Node, "hostname" | "address" | "generation">;
  /** Every declared control plane node: each is asked whether the cluster exists already. */
  controlPlane: readonly Pick<Node, "hostname" | "address">[];
}

/**
 * Starts etcd once in a cluster's life. The provider's own resource asks only the one node, and retries AlreadyExists until it fails;
 * the script asks all of them and starts etcd only where no member is, or may be, anywhere. In an update that means a lost cluster, and a
 * person has to say what it begins with.
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
        update: operation("bootstrap", "update"),
        environment: {
          ...clusterEnvironment(args),
          ...controlPlaneEnvironment(args.controlPlane),
          NODE_HOSTNAME: args.node.hostname,
          NODE_ADDRESS: args.node.address,
          NODE_GENERATION: String(args.node.generation),
          BACKUP_DIR: args.backupDir,
        },
      },
      this.child,
    );
    this.registerOutputs();
  }
}
