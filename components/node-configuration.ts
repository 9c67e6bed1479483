import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import type { Cluster, Node } from "../cluster/schema.ts";
import { Component } from "./component.ts";
import { commandDefaults, operation, type RolledNode, type Rolling, rollingEnvironment } from "./operation.ts";

export interface NodeConfigurationArgs extends Rolling, Pick<Cluster, "talosContract" | "kubernetesVersion"> {
  node: RolledNode & Pick<Node, "generation"> & { configPatches: readonly string[] };
}

/**
 * The machine config of one node, made from the cluster's secrets and the node's patches. A node that runs is brought to it by a script, which drains
 * and reboots where that is needed; then the provider applies it, which configures a machine for the first time and is the record. A machine that has
 * another Talos on its disk than the declared one would stay at that: the script takes it in and upgrades it.
 */
export class NodeConfiguration extends Component {
  /** The machine config for people: no secret is in it, and so a preview can show what changes. */
  readonly rendering: pulumi.Output<string>;

  constructor(name: string, args: NodeConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:node:NodeConfiguration", name, opts);
    const { secrets, node } = args;

    const { machineConfiguration } = talos.machine.getConfigurationOutput(
      {
        clusterName: args.clusterName,
        clusterEndpoint: args.endpoint,
        machineType: node.role,
        machineSecrets: secrets.machineSecrets,
        talosVersion: args.talosContract,
        kubernetesVersion: args.kubernetesVersion.replace(/^v/, ""),
        configPatches: [...node.configPatches],
        docs: false,
        examples: false,
      },
      // Made of what is declared alone: it waits for no resource, so that a preview has it at once.
      { parent: this, provider: this.child.provider },
    );

    // Only what was redacted is made readable.
    this.rendering = pulumi.unsecret(pulumi.all([machineConfiguration, secrets.reader]).apply(([config, readable]) => readable(config)));

    const reconfigure = new Command(
      `${name}-reconfigure`,
      {
        ...commandDefaults,
        create: operation("reconfigure"),
        update: operation("reconfigure"),
        environment: { ...rollingEnvironment(args, node), NODE_GENERATION: String(node.generation) },
        stdin: pulumi.secret(machineConfiguration),
      },
      // The provider is Talos's. The stdin is an output too, and whether that one is kept as a secret would be the plugin's to say.
      { ...this.child, provider: undefined, additionalSecretOutputs: ["stdin"] },
    );

    new talos.machine.ConfigurationApply(
      `${name}-apply`,
      {
        node: node.address,
        endpoint: node.address,
        clientConfiguration: secrets.clientConfiguration,
        machineConfigurationInput: pulumi.secret(machineConfiguration),
        applyMode: "auto",
      },
      // A raised generation applies the same config again. Replacing is safe: the delete of an apply without onDestroy does nothing.
      { ...this.child, dependsOn: reconfigure, replacementTrigger: node.generation },
    );
    this.registerOutputs({ rendering: this.rendering });
  }
}
