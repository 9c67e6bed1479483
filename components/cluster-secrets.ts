import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { Component } from "./component.ts";

export interface ClusterSecretsArgs {
  /** Where they come from. */
  source: "generated";
  /** The Talos version that the cluster was born with. */
  talosContract: string;
  allowDestroy: boolean;
}

/** The certificate authorities, keys and tokens of a cluster, and a client certificate for its Talos API. */
export class ClusterSecrets extends Component {
  readonly machineSecrets: pulumi.Output<talos.types.output.machine.MachineSecrets>;
  readonly clientConfiguration: pulumi.Output<talos.types.output.machine.ClientConfiguration>;
  /** The Talos CA as JSON, `{cert, key}`: by it a script makes itself a certificate of minutes. */
  readonly talosCa: pulumi.Output<string>;
  /** The cluster's ID, by which runs on the same cluster know of each other. */
  readonly clusterId: pulumi.Output<string>;

  constructor(name: string, args: ClusterSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:ClusterSecrets", name, opts);
    const generated = new talos.machine.Secrets(
      `${name}-generated`,
      { talosVersion: args.talosContract },
      // With the state the PKI is lost. And a lowered version would make the provider replace all of it.
      { ...this.child, protect: !args.allowDestroy, ignoreChanges: ["talosVersion"] },
    );
    this.machineSecrets = pulumi.secret(generated.machineSecrets);
    this.clientConfiguration = pulumi.secret(generated.clientConfiguration);
    this.talosCa = pulumi.secret(
      pulumi.jsonStringify({ cert: generated.machineSecrets.certs.os.cert, key: generated.machineSecrets.certs.os.key }),
    );
    this.clusterId = generated.machineSecrets.cluster.id;
    this.registerOutputs({ clusterId: this.clusterId });
  }
}
