import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "./component.ts";
import { commandDefaults, operation, type RolledNode, type Rolling, rollingEnvironment } from "./operation.ts";

export interface TalosVersionArgs extends Rolling {
  node: RolledNode;
}

/**
 * The Talos version and the schematic that run on one node. The script finds a machine that has no configuration yet, or runs what is
 * declared, and is done; otherwise it takes the node away once the cluster can spare it, and proves what came back.
 */
export class TalosVersion extends Component {
  constructor(name: string, args: TalosVersionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:node:TalosVersion", name, opts);
    new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        create: operation("upgrade-talos"),
        update: operation("upgrade-talos"),
        environment: rollingEnvironment(args, args.node),
      },
      this.child,
    );
    this.registerOutputs();
  }
}
