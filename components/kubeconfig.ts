import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { kubeconfigFor } from "../cluster/kubeconfig.ts";
import { apiServerAt } from "../cluster/ports.ts";
import type { Node } from "../cluster/schema.ts";
import type { ClusterSecrets } from "./cluster-secrets.ts";
import { Component } from "./component.ts";

export interface KubeconfigArgs {
  clusterName: string;
  /** Where clients reach the Kubernetes API. */
  endpoint: string;
  secrets: ClusterSecrets;
  /** The control plane node that makes the client certificate. */
  node: Pick<Node, "address">;
  /** At which address the stack itself speaks to Kubernetes: asked once the API is ready, and in a preview of a cluster that runs. */
  speakingAt: () => Promise<string>;
}

/** A client certificate for Kubernetes, and the two kubeconfigs made of it and the declared addresses. */
export class Kubeconfig extends Component {
  /** For people: it names the endpoint. */
  readonly forClients: pulumi.Output<string>;
  /** For the stack's own provider: it names a node, since the endpoint may not answer before the network runs. */
  readonly forProvider: pulumi.Output<string>;

  constructor(name: string, args: KubeconfigArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:Kubeconfig", name, opts);
    const { clusterName, node } = args;
    const { kubernetesClientConfiguration: credentials } = new talos.cluster.Kubeconfig(
      `${name}-credentials`,
      { node: node.address, endpoint: node.address, clientConfiguration: args.secrets.clientConfiguration },
      // The key in it is secret by the schema. A second mark around the whole would reach the program as a wrapper instead of the value.
      this.child,
    );
    this.forClients = pulumi.secret(credentials.apply((granted) => kubeconfigFor(clusterName, args.endpoint, granted)));
    this.forProvider = pulumi.secret(
      credentials.apply(async (granted) => kubeconfigFor(clusterName, apiServerAt(await args.speakingAt()), granted)),
    );
    this.registerOutputs();
  }
}
