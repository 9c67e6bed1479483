import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "./component.ts";
import { commandDefaults, operation } from "./operation.ts";

export interface DestroyGuardArgs {
  clusterName: string;
  /** As it was in the last up: a destroy reads what is stored. */
  allowDestroy: boolean;
}

/** Does nothing until it is deleted. Then it fails, and so ends a destroy before it gets to what stands before it in the graph. */
export class DestroyGuard extends Component {
  /** Known once it and all that it waits for was made; never in a run in which something of that failed. */
  readonly made: pulumi.Output<unknown>;

  constructor(name: string, args: DestroyGuardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:DestroyGuard", name, opts);
    const { stdout } = new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        delete: operation("guard-destroy", "delete"),
        environment: { CLUSTER_NAME: args.clusterName, ALLOW_DESTROY: String(args.allowDestroy) },
      },
      this.child,
    );
    this.made = stdout;
    this.registerOutputs();
  }
}
