import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import { anotherHostname, type NodeIdentity } from "../cluster/machines.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { byHostname, type ClusterArgs, clusterEnvironment, commandDefaults, operation } from "./operation.ts";
import { storedEnvironment } from "./stored-environment.ts";

export interface EtcdSnapshotArgs
  extends ClusterArgs,
    Pick<Cluster, "talosVersion" | "kubernetesVersion" | "backupDir" | "allowDowngrade"> {
  /** All nodes, each with its schematic as Image Factory confirmed it. */
  nodes: readonly (Pick<Node, "hostname" | "address" | "role"> & { schematicId: pulumi.Input<string> })[];
}

/**
 * A copy of etcd, taken before versions change. The script asks every node first whether there is a way from what it runs to what is declared:
 * a rollout that cannot end does not begin.
 */
export class EtcdSnapshot extends Component {
  /** The newest snapshot, below the project; empty where none was needed yet: the engine warns of an undefined output. */
  readonly path: pulumi.Output<string>;

  constructor(name: string, args: EtcdSnapshotArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:EtcdSnapshot", name, opts);
    const sameMachines = new pulumi.ResourceHook(`${name}-same-machines`, refuseAnotherHostname(args.nodes), { onDryRun: true });
    const nodes = byHostname(args.nodes).map(({ hostname, address, role, schematicId }) => ({ hostname, address, role, schematicId }));
    const { stdout } = new Command(
      `${name}-command`,
      {
        ...commandDefaults,
        create: operation("snapshot-etcd"),
        update: operation("snapshot-etcd"),
        environment: {
          ...clusterEnvironment(args),
          NODES: pulumi.jsonStringify(nodes),
          TALOS_VERSION: args.talosVersion,
          KUBERNETES_VERSION: args.kubernetesVersion,
          BACKUP_DIR: args.backupDir,
          ALLOW_DOWNGRADE: String(args.allowDowngrade),
        },
      },
      { ...this.child, hooks: { beforeUpdate: [sameMachines] } },
    );
    // Beside the secret in the environment the path would be kept as one too.
    this.path = pulumi.unsecret(stdout);
    this.registerOutputs({ path: this.path });
  }
}

/**
 * An update in which an address has another hostname would configure a machine that runs, and then reset it for the node that is gone. It is
 * refused here, where all nodes are known and nothing was touched; the engine deletes nothing that what failed depended on.
 */
export function refuseAnotherHostname(nodes: readonly NodeIdentity[]) {
  return async ({ oldInputs }: Pick<pulumi.ResourceHookArgs, "oldInputs">): Promise<void> => {
    const { NODES } = await storedEnvironment(oldInputs);
    const problems = anotherHostname(JSON.parse(NODES ?? "[]") as NodeIdentity[], nodes);
    if (problems.length > 0) throw new Error(problems.join("\n"));
  };
}
