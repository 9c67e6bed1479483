import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import type { DeclaredSecrets } from "../cluster/declaration.ts";
import { type Reader, readerOf, secretsIn } from "../cluster/redaction.ts";
import { type Authority, talosAuthority } from "../cluster/secrets/authority.ts";
import { machineSecretsOf } from "../cluster/secrets/bundle.ts";
import { type ClientCertificate, certificateOfAuthority, certificateOfPeriod } from "../cluster/secrets/client-certificate.ts";
import { Component } from "./component.ts";

type MachineSecrets = talos.types.output.machine.MachineSecrets;
type ClientConfiguration = talos.types.output.machine.ClientConfiguration;

export interface ClusterSecretsArgs {
  /** Where they come from, with the bundle where it is known. */
  secrets: DeclaredSecrets;
  /** The Talos version that the cluster was born with. */
  talosContract: string;
  allowDestroy: boolean;
  /** Further secrets of the cluster: those in its patches. */
  secretValues: readonly string[];
}

/** The certificate authorities, keys and tokens of a cluster, and a client certificate for its Talos API. */
export class ClusterSecrets extends Component {
  readonly machineSecrets: pulumi.Output<MachineSecrets>;
  /** How the stack's own resources are let in by Talos. It is never renewed: with it every machine config would be applied again. */
  readonly clientConfiguration: pulumi.Output<ClientConfiguration>;
  /** How people are let in; renewed by the calendar. */
  readonly peoplesConfiguration: pulumi.Output<ClientConfiguration>;
  /** The Talos CA as JSON, `{cert, key}`: by it a script makes itself a certificate of minutes. */
  readonly talosCa: pulumi.Output<string>;
  /** The certificate of that CA, PEM in base64, as the owner's bundle has it; none where the stack made it. */
  readonly declaredCa: string | undefined;
  /** Takes all of the cluster's secrets out of a machine config. */
  readonly reader: pulumi.Output<Reader>;
  /** The cluster's ID, by which runs on the same cluster know of each other. */
  readonly clusterId: pulumi.Output<string>;

  constructor(name: string, args: ClusterSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:ClusterSecrets", name, opts);
    const { secrets } = args;
    this.declaredCa = secrets.source === "generated" ? undefined : secrets.bundle.certs.os.crt;
    this.machineSecrets = pulumi.secret(
      secrets.source === "generated" ? this.#generated(name, args).machineSecrets : machineSecretsOf(secrets.bundle),
    );
    this.clientConfiguration = this.#clientConfiguration(certificateOfAuthority);
    this.peoplesConfiguration = this.#clientConfiguration(certificateOfPeriod);
    this.talosCa = pulumi.secret(this.machineSecrets.apply(({ certs }) => JSON.stringify({ cert: certs.os.cert, key: certs.os.key })));
    this.reader = this.machineSecrets.apply((bundle) => readerOf([...secretsIn(bundle), ...args.secretValues]));
    this.clusterId = this.machineSecrets.cluster.id;
    this.registerOutputs({ clusterId: this.clusterId });
  }

  #generated(name: string, { talosContract, allowDestroy }: ClusterSecretsArgs): talos.machine.Secrets {
    return new talos.machine.Secrets(
      `${name}-generated`,
      { talosVersion: talosContract },
      // With the state the PKI is lost. And a lowered version would make the provider replace all of it.
      { ...this.child, protect: !allowDestroy, ignoreChanges: ["talosVersion"] },
    );
  }

  #clientConfiguration(certificate: (ca: Authority) => Promise<ClientCertificate>): pulumi.Output<ClientConfiguration> {
    const base64 = (pem: string) => Buffer.from(pem).toString("base64");
    return pulumi.secret(
      this.machineSecrets.apply(async ({ certs: { os } }) => {
        const client = await certificate(talosAuthority(os));
        return { caCertificate: os.cert, clientCertificate: base64(client.cert), clientKey: base64(client.key) };
      }),
    );
  }
}
