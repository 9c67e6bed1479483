import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "./component.ts";
import { commandDefaults } from "./operation.ts";
import { storedEnvironment } from "./stored-environment.ts";

export interface ClusterNameArgs {
  clusterName: string;
}

/**
 * The record of the cluster's name, which never changes: every other resource bears it, and by another name all of them would be made anew beside the old
 * ones, whose removals would then reset the machines. So this one is called the same in every cluster, runs nothing, and stands before all that does.
 */
export class ClusterName extends Component {
  constructor(name: string, { clusterName }: ClusterNameArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:ClusterName", name, opts);
    const same = new pulumi.ResourceHook(`${name}-same`, refuseAnotherName(clusterName), { onDryRun: true });
    new Command(
      `${name}-record`,
      { ...commandDefaults, environment: { CLUSTER_NAME: clusterName } },
      { ...this.child, hooks: { beforeUpdate: [same] } },
    );
    this.registerOutputs();
  }
}

/** An update of the record is another name. */
export function refuseAnotherName(clusterName: string) {
  return async ({ oldInputs }: Pick<pulumi.ResourceHookArgs, "oldInputs">): Promise<void> => {
    const { CLUSTER_NAME: before } = await storedEnvironment(oldInputs);
    if (before === undefined || before === clusterName) return;
    throw new Error(
      `clusterName is ${clusterName}, and this stack's cluster is called ${before}: a cluster keeps its name. Nothing was changed. ` +
        `Set it back: npx pulumi config set clusterName ${before}. Another cluster is another stack.`,
    );
  };
}
