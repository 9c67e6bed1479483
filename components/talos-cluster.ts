import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { helmRepositories } from "../cluster/chart-folder.ts";
import type { Declaration } from "../cluster/declaration.ts";
import { type Rollout, rollout } from "../cluster/order.ts";
import { ApiReady } from "./api-ready.ts";
import { installApps } from "./apps.ts";
import { Bootstrap } from "./bootstrap.ts";
import { ClusterName } from "./cluster-name.ts";
import { ClusterSecrets } from "./cluster-secrets.ts";
import { DestroyGuard } from "./destroy-guard.ts";
import { Kubeconfig } from "./kubeconfig.ts";
import { type Made, made } from "./made.ts";
import { NodeRemoval } from "./node-removal.ts";
import { rollOut } from "./rollout.ts";
import { Schematic } from "./schematic.ts";

export interface TalosClusterArgs extends Declaration {
  /** Which of the control plane's addresses answers for Kubernetes, the preferred one where it does. Without it nobody is asked, and it is that one. */
  answering?: (preferred: string, others: readonly string[]) => Promise<string>;
}

/** A cluster from its schematics to its last release, as one graph. Order is dependsOn alone; parentage says only what belongs together. */
export class TalosCluster extends pulumi.ComponentResource {
  readonly kubeconfig: pulumi.Output<string>;
  readonly talosconfig: pulumi.Output<string>;
  /** Each node's machine config without its secrets, by hostname. */
  readonly machineConfigurations: Readonly<Record<string, pulumi.Output<string>>>;
  /** Where the newest etcd snapshot is, below the project; empty where none was needed yet. */
  readonly etcdSnapshot: pulumi.Output<string>;
  /** Known once everything was made; never in a run in which something failed. */
  readonly made: pulumi.Output<unknown>;

  readonly #name: string;
  readonly #declared: Declaration;
  readonly #order: Rollout;
  readonly #secrets: ClusterSecrets;
  /** Options of children whose resources are all of the Talos provider. */
  readonly #talos: pulumi.ComponentResourceOptions;

  constructor(name: string, { answering, ...declared }: TalosClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:TalosCluster", name, {}, opts);
    const { clusterName, nodeTimeout, backupDir } = declared;
    this.#name = name;
    this.#declared = declared;
    this.#order = rollout(declared);
    const { controlPlane, bootstrap: node } = this.#order;
    const provider = new talos.Provider(`${name}-talos`, { imageFactoryUrl: declared.imageFactoryUrl }, { parent: this });
    this.#talos = { parent: this, provider };

    const first = this.#guard("first", [new ClusterName("cluster-name", declared, { parent: this })]);
    this.#secrets = new ClusterSecrets(`${name}-secrets`, declared, { ...this.#talos, dependsOn: first });
    const removals = this.#removals(first);
    // A failed worker leaves the last guard unmade; this one is made at once, so that no removal is ever without.
    const nodes = this.#guard("nodes", removals);

    const shared = { declared, order: this.#order, secrets: this.#secrets };
    const schematics = this.#schematics();
    const { snapshot, configurations } = rollOut(name, {
      ...shared,
      schematics,
      after: [...schematics.values(), ...removals],
      parent: this,
      talos: provider,
    });

    const cluster = { clusterName, nodeTimeout, secrets: this.#secrets, node };
    const bootstrap = new Bootstrap(
      `${name}-bootstrap`,
      { ...cluster, controlPlane, backupDir },
      { parent: this, dependsOn: made(configurations, node.hostname) },
    );
    const api = new ApiReady(`${name}-api`, cluster, { parent: this, dependsOn: bootstrap });
    const { kubeconfig, kubernetes } = this.#kubernetesApi(api, answering);
    const apps = installApps(name, {
      ...shared,
      kubernetes,
      kubeconfig,
      cluster: bootstrap.cluster,
      configurations,
      parent: this,
    });
    const last = this.#guard("last", [...removals, nodes, ...configurations.values(), kubernetes, ...apps]);

    this.kubeconfig = kubeconfig.forClients;
    this.talosconfig = this.#talosconfig(provider);
    this.machineConfigurations = Object.fromEntries([...configurations].map(([hostname, { rendering }]) => [hostname, rendering]));
    this.etcdSnapshot = snapshot.path;
    this.made = last.made;
    this.registerOutputs({ kubeconfig: this.kubeconfig, talosconfig: this.talosconfig });
  }

  /** One for each distinct schematic, by its ID. */
  #schematics(): Made<Schematic> {
    const distinct = new Map(this.#declared.nodes.map(({ image }) => [image.id, image]));
    return new Map([...distinct].map(([id, image]) => [id, new Schematic(`${this.#name}-schematic-${id}`, image, this.#talos)]));
  }

  #guard(where: string, after: readonly pulumi.Resource[]): DestroyGuard {
    const { clusterName, allowDestroy } = this.#declared;
    return new DestroyGuard(`${this.#name}-guard-${where}`, { clusterName, allowDestroy }, { parent: this, dependsOn: [...after] });
  }

  /**
   * They are made before anything touches a node, and chained: deleted in reverse, the bootstrap node goes last. Each names all before it, since
   * the engine orders deletions by direct edges alone: with a node that stays between them, two would leave etcd side by side.
   */
  #removals(first: pulumi.Resource): NodeRemoval[] {
    const { controlPlane, lanes } = this.#order;
    const shared = { ...this.#declared, secrets: this.#secrets, controlPlane };
    const removals: NodeRemoval[] = [];
    for (const node of [...controlPlane, ...lanes.flat()]) {
      const options = { parent: this, dependsOn: [first, ...removals] };
      removals.push(new NodeRemoval(`${this.#name}-removal-${node.hostname}`, { ...shared, node }, options));
    }
    return removals;
  }

  /** How Kubernetes is spoken to once it answers: by people, and by the stack itself. */
  #kubernetesApi(api: ApiReady, answering: TalosClusterArgs["answering"]): { kubeconfig: Kubeconfig; kubernetes: KubernetesProvider } {
    const { clusterName, endpoint } = this.#declared;
    const { controlPlane, bootstrap: node } = this.#order;
    const others = controlPlane.filter((each) => each !== node).map(({ address }) => address);
    const speakingAt = async () => (answering && others.length > 0 ? answering(node.address, others) : node.address);
    const kubeconfig = new Kubeconfig(
      `${this.#name}-kubeconfig`,
      { clusterName, endpoint, secrets: this.#secrets, node, speakingAt },
      { ...this.#talos, dependsOn: api },
    );
    const kubernetes = new KubernetesProvider(
      `${this.#name}-kubernetes`,
      {
        kubeconfig: kubeconfig.forProvider,
        clusterIdentifier: clusterName,
        upsertExistingObjects: true,
        helmReleaseSettings: helmRepositories(clusterName),
      },
      { parent: this, dependsOn: api },
    );
    return { kubeconfig, kubernetes };
  }

  #talosconfig(provider: talos.Provider): pulumi.Output<string> {
    const args = {
      clusterName: this.#declared.clusterName,
      clientConfiguration: this.#secrets.peoplesConfiguration,
      endpoints: this.#order.controlPlane.map((node) => node.address),
      nodes: this.#declared.nodes.map((node) => node.address),
    };
    return pulumi.secret(talos.client.getConfigurationOutput(args, { provider }).talosConfig);
  }
}
