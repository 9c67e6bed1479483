import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { appKey } from "../cluster/apps.ts";
import { predecessors, type Rollout, rollout } from "../cluster/order.ts";
import type { Declaration } from "../sources/load.ts";
import { ApiReady } from "./api-ready.ts";
import { Bootstrap } from "./bootstrap.ts";
import { ClusterSecrets } from "./cluster-secrets.ts";
import { Crds } from "./crds.ts";
import { DestroyGuard } from "./destroy-guard.ts";
import { HelmRelease } from "./helm-release.ts";
import { Kubeconfig } from "./kubeconfig.ts";
import { Manifests } from "./manifests.ts";
import { Namespaces } from "./namespaces.ts";
import { NodeConfiguration } from "./node-configuration.ts";
import { NodeReady } from "./node-ready.ts";
import { NodeRemoval } from "./node-removal.ts";
import { Schematic } from "./schematic.ts";

/** Components of one kind, by hostname or by `<namespace>/<release>`. */
type Made<T> = ReadonlyMap<string, T>;

/** A cluster from its schematics to its last release, as one graph. Order is dependsOn alone; parentage says only what belongs together. */
export class TalosCluster extends pulumi.ComponentResource {
  readonly kubeconfig: pulumi.Output<string>;
  readonly talosconfig: pulumi.Output<string>;
  /** Each node's machine config without its secrets, by hostname. */
  readonly machineConfigurations: Readonly<Record<string, pulumi.Output<string>>>;

  readonly #name: string;
  readonly #declared: Declaration;
  readonly #order: Rollout;
  readonly #controlPlane: Declaration["nodes"];
  readonly #secrets: ClusterSecrets;
  /** Options of children that speak to Talos. */
  readonly #talos: pulumi.ComponentResourceOptions;

  constructor(name: string, declared: Declaration, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:TalosCluster", name, {}, opts);
    const { clusterName, allowDestroy, endpoint, nodes } = declared;
    this.#name = name;
    this.#declared = declared;
    this.#order = rollout(declared);
    this.#controlPlane = nodes.filter((node) => node.role === "controlplane");
    const provider = new talos.Provider(`${name}-talos`, { imageFactoryUrl: declared.imageFactoryUrl }, { parent: this });
    this.#talos = { parent: this, providers: [provider] };

    const first = this.#guard("first", []);
    this.#secrets = new ClusterSecrets(
      `${name}-secrets`,
      { secrets: declared.secrets, talosContract: declared.talosContract, allowDestroy },
      { ...this.#talos, dependsOn: first },
    );
    const secrets = this.#secrets;
    const removals = this.#removals(first);
    // A failed worker leaves the last guard unmade; this one is made at once, so that no removal is ever without.
    this.#guard("nodes", removals.values());
    const configurations = this.#configurations(this.#schematics(), removals);

    this.machineConfigurations = Object.fromEntries([...configurations].map(([hostname, { rendering }]) => [hostname, rendering]));

    const node = this.#order.bootstrap;
    const bootstrap = new Bootstrap(
      `${name}-bootstrap`,
      { clusterName, secrets, node, controlPlane: this.#controlPlane },
      { ...this.#talos, dependsOn: made(configurations, node.hostname) },
    );
    const api = new ApiReady(`${name}-api`, { clusterName, secrets, node }, { ...this.#talos, dependsOn: bootstrap });
    const kubeconfig = new Kubeconfig(`${name}-kubeconfig`, { clusterName, endpoint, secrets, node }, { ...this.#talos, dependsOn: api });
    const kubernetes = new KubernetesProvider(
      `${name}-kubernetes`,
      { kubeconfig: kubeconfig.forProvider, clusterIdentifier: clusterName, upsertExistingObjects: true },
      { parent: this, dependsOn: api },
    );
    const { releases, ready, after } = this.#apps(kubernetes, kubeconfig, bootstrap.cluster, configurations);
    this.#guard(
      "last",
      [removals, configurations, releases, ready, after].flatMap((made) => [...made.values()]),
    );

    this.kubeconfig = kubeconfig.forClients;
    this.talosconfig = this.#talosconfig(provider);
    this.registerOutputs({ kubeconfig: this.kubeconfig, talosconfig: this.talosconfig });
  }

  /** One for each distinct schematic, by its ID. */
  #schematics(): Made<Schematic> {
    const distinct = new Map(this.#declared.nodes.map(({ image }) => [image.id, image]));
    return new Map([...distinct].map(([id, image]) => [id, new Schematic(`${this.#name}-schematic-${id}`, image, this.#talos)]));
  }

  #guard(where: string, after: Iterable<pulumi.Resource>): DestroyGuard {
    const { clusterName, allowDestroy } = this.#declared;
    return new DestroyGuard(`${this.#name}-guard-${where}`, { clusterName, allowDestroy }, { ...this.#talos, dependsOn: [...after] });
  }

  /** They are made before anything touches a node, and chained: deleted in reverse, the bootstrap node goes last. */
  #removals(first: pulumi.Resource): Made<NodeRemoval> {
    const { clusterName } = this.#declared;
    const removals = new Map<string, NodeRemoval>();
    let previous = first;
    for (const node of [...this.#controlPlane, ...this.#order.lanes.flat()]) {
      const args = { clusterName, secrets: this.#secrets, node, controlPlane: this.#controlPlane };
      const removal = new NodeRemoval(`${this.#name}-removal-${node.hostname}`, args, { ...this.#talos, dependsOn: previous });
      removals.set(node.hostname, removal);
      previous = removal;
    }
    return removals;
  }

  /** The control plane one after the other, then each lane of workers. */
  #configurations(schematics: Made<Schematic>, removals: Made<NodeRemoval>): Made<NodeConfiguration> {
    const byHostname = new Map(this.#declared.nodes.map((node) => [node.hostname, node]));
    const configurations = new Map<string, NodeConfiguration>();
    for (const [hostname, before] of predecessors(this.#order)) {
      const node = made(byHostname, hostname);
      const dependsOn = present(made(removals, hostname), before && made(configurations, before.hostname));
      const args = { ...this.#declared, secrets: this.#secrets, schematicId: made(schematics, node.image.id).id, node };
      configurations.set(hostname, new NodeConfiguration(`${this.#name}-configuration-${hostname}`, args, { ...this.#talos, dependsOn }));
    }
    return configurations;
  }

  /** What runs in the cluster: namespaces, then definitions, then manifests, then the release that brings the network, then, on nodes that are ready, all others. */
  #apps(kubernetes: KubernetesProvider, { forProvider }: Kubeconfig, cluster: pulumi.Resource, configurations: Made<NodeConfiguration>) {
    const inside = { parent: this, providers: [kubernetes] };
    const namespaces = new Namespaces(`${this.#name}-namespaces`, { namespaces: this.#declared.namespaces, cluster }, inside);
    const crds = this.#declared.releases
      .filter((app) => app.crds)
      .map(({ namespace, name, lifecycle, archive }) => {
        const args = { definitions: archive.crds, lifecycle, cluster };
        return new Crds(`${this.#name}-crds-${namespace}-${name}`, args, { ...inside, dependsOn: namespaces });
      });

    const before = this.#declared.manifests
      .filter(({ release }) => !release)
      .map(({ namespace, objects }) => {
        const options = { ...inside, dependsOn: [namespaces, ...crds] };
        return new Manifests(`${this.#name}-manifests-${namespace}`, { objects, cluster }, options);
      });

    const releases = new Map<string, HelmRelease>();
    let ready: Made<NodeReady> = new Map();
    // They come in an order in which each finds those made that it waits for; the one that brings the network is the first.
    for (const app of this.#declared.releases) {
      const readyNodes = app.cni ? [] : this.#controlPlane.map((node) => made(ready, node.hostname));
      const dependsOn = [namespaces, ...crds, ...before, ...readyNodes, ...app.after.map((key) => made(releases, key))];
      const args = { app, chart: app.archive.path, cluster, kubeconfig: forProvider };
      const release = new HelmRelease(`${this.#name}-release-${app.namespace}-${app.name}`, args, { ...inside, dependsOn });
      releases.set(appKey(app), release);
      if (app.cni) ready = this.#readiness(release, configurations);
    }
    const after = new Map<string, Manifests>();
    for (const { namespace, release, objects } of this.#declared.manifests) {
      if (!release) continue;
      const key = appKey({ namespace, name: release.name });
      const args = { objects, lifecycle: release.lifecycle, cluster };
      const options = { ...inside, dependsOn: made(releases, key) };
      after.set(key, new Manifests(`${this.#name}-after-${namespace}-${release.name}`, args, options));
    }
    return { releases, ready, after };
  }

  #readiness(network: HelmRelease, configurations: Made<NodeConfiguration>): Made<NodeReady> {
    const { clusterName, nodes } = this.#declared;
    return new Map(
      nodes.map((node) => {
        const dependsOn = [network, made(configurations, node.hostname)];
        const args = { clusterName, secrets: this.#secrets, node, api: this.#order.bootstrap };
        return [node.hostname, new NodeReady(`${this.#name}-ready-${node.hostname}`, args, { ...this.#talos, dependsOn })];
      }),
    );
  }

  #talosconfig(provider: talos.Provider): pulumi.Output<string> {
    const args = {
      clusterName: this.#declared.clusterName,
      clientConfiguration: this.#secrets.clientConfiguration,
      endpoints: this.#controlPlane.map((node) => node.address),
      nodes: this.#declared.nodes.map((node) => node.address),
    };
    return pulumi.secret(talos.client.getConfigurationOutput(args, { provider }).talosConfig);
  }
}

function made<T>(all: Made<T>, key: string): T {
  const one = all.get(key);
  if (one === undefined) throw new Error(`${key} is waited for, but comes later in the graph`);
  return one;
}

function present<T>(...resources: readonly (T | undefined)[]): T[] {
  return resources.filter((resource) => resource !== undefined);
}
