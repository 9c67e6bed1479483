import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { type ClusterArgs, clusterEnvironment, commandDefaults, controlPlaneEnvironment, operation } from "./operation.ts";

export interface KubernetesVersionArgs extends ClusterArgs {
  kubernetesVersion: string;
  controlPlane: readonly Pick<Node, "hostname" | "address">[];
}

/**
 * The version of API servers, controller managers and schedulers. Kubelets are left to the nodes' configurations: a kubelet's image and its
 * settings move together, and one may be what the other needs.
 */
export class KubernetesVersion extends Component {
  constructor(name: string, args: KubernetesVersionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:KubernetesVersion", name, opts);
    new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        create: operation("upgrade-kubernetes"),
        update: operation("upgrade-kubernetes"),
        environment: {
          ...clusterEnvironment(args),
          ...controlPlaneEnvironment(args.controlPlane),
          KUBERNETES_VERSION: args.kubernetesVersion,
        },
      },
      this.child,
    );
    this.registerOutputs();
  }
}
