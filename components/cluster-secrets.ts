import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { type Reader, readerOf, secretsIn } from "../cluster/redaction.ts";
import { certificateAuthority } from "../cluster/secrets/authority.ts";
import { type Bundle, machineSecretsOf } from "../cluster/secrets/bundle.ts";
import { certificateOfPeriod } from "../cluster/secrets/client-certificate.ts";
import type { DeclaredSecrets } from "../sources/secrets/read.ts";
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
  readonly clientConfiguration: pulumi.Output<ClientConfiguration>;
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
    const { machineSecrets, clientConfiguration } =
      args.secrets.source === "generated" ? this.#generated(name, args) : known(args.secrets.bundle);
    this.declaredCa = args.secrets.source === "generated" ? undefined : args.secrets.bundle.certs.os.crt;
    this.machineSecrets = pulumi.secret(machineSecrets);
    this.clientConfiguration = pulumi.secret(clientConfiguration);
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
}

/** A bundle that was read. Its client certificate is no resource: it is the same in every run, until it is renewed. */
function known(bundle: Bundle): { machineSecrets: MachineSecrets; clientConfiguration: Promise<ClientConfiguration> } {
  const machineSecrets = machineSecretsOf(bundle);
  const { cert, key } = machineSecrets.certs.os;
  const base64 = (pem: string) => Buffer.from(pem).toString("base64");
  const clientConfiguration = certificateOfPeriod(certificateAuthority({ cert, key })).then((client) => ({
    caCertificate: cert,
    clientCertificate: base64(client.cert),
    clientKey: base64(client.key),
  }));
  return { machineSecrets, clientConfiguration };
}
