import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { appKey } from "../cluster/apps.ts";
import { predecessors, rollout } from "../cluster/order.ts";
import type { Declaration } from "../sources/load.ts";
import { ApiReady } from "./api-ready.ts";
import { Bootstrap } from "./bootstrap.ts";
import { ClusterSecrets } from "./cluster-secrets.ts";
import { Crds } from "./crds.ts";
import { DestroyGuard } from "./destroy-guard.ts";
import { HelmRelease } from "./helm-release.ts";
import { Kubeconfig } from "./kubeconfig.ts";
import { Namespaces } from "./namespaces.ts";
import { NodeConfiguration } from "./node-configuration.ts";
import { NodeReady } from "./node-ready.ts";
import { NodeRemoval } from "./node-removal.ts";
import { Schematic } from "./schematic.ts";

/** A cluster from its schematics to its last release, as one graph. Order is dependsOn alone; parentage says only what belongs together. */
export class TalosCluster extends pulumi.ComponentResource {
  readonly kubeconfig: pulumi.Output<string>;
  readonly talosconfig: pulumi.Output<string>;

  constructor(name: string, declared: Declaration, opts?: pulumi.ComponentResourceOptions) {
    super("phoebe:cluster:TalosCluster", name, {}, opts);
    const { clusterName, allowDestroy, endpoint, nodes } = declared;
    const provider = new talos.Provider(`${name}-talos`, { imageFactoryUrl: declared.imageFactoryUrl }, { parent: this });
    const child = { parent: this, providers: [provider] };
    const order = rollout(declared);
    const controlPlane = nodes.filter((node) => node.role === "controlplane");

    const first = new DestroyGuard(`${name}-guard-first`, { clusterName, allowDestroy }, child);
    const distinct = new Map(nodes.map(({ image }) => [image.id, image]));
    const submitted = new Map([...distinct].map(([id, image]) => [id, new Schematic(`${name}-schematic-${id}`, image, child)]));
    const secrets = new ClusterSecrets(
      `${name}-secrets`,
      { source: declared.secrets.source, talosContract: declared.talosContract, allowDestroy },
      { ...child, dependsOn: first },
    );

    // Removals are made before anything touches a node, and chained: deleted in reverse, the bootstrap node goes last.
    const removals = new Map<string, NodeRemoval>();
    for (const node of [...controlPlane, ...order.lanes.flat()]) {
      const previous = [...removals.values()].at(-1);
      const removal = new NodeRemoval(
        `${name}-removal-${node.hostname}`,
        { clusterName, secrets, node, controlPlane },
        { ...child, dependsOn: previous ?? first },
      );
      removals.set(node.hostname, removal);
    }
    // A failed worker leaves the last guard unmade; this one is made at once, so that no removal is ever without.
    new DestroyGuard(`${name}-guard-nodes`, { clusterName, allowDestroy }, { ...child, dependsOn: [...removals.values()] });

    const before = predecessors(order);
    const configurations = new Map<string, NodeConfiguration>();
    for (const hostname of before.keys()) {
      const node = nodes.find((candidate) => candidate.hostname === hostname) as Declaration["nodes"][number];
      const previous = configurations.get(before.get(hostname)?.hostname ?? "");
      const dependsOn = [submitted.get(node.image.id), removals.get(hostname), previous].filter((resource) => resource !== undefined);
      configurations.set(
        hostname,
        new NodeConfiguration(`${name}-configuration-${hostname}`, { ...declared, secrets, node }, { ...child, dependsOn }),
      );
    }

    const bootstrap = new Bootstrap(
      `${name}-bootstrap`,
      { clusterName, secrets, node: order.bootstrap, controlPlane },
      { ...child, dependsOn: configurations.get(order.bootstrap.hostname) },
    );
    const api = new ApiReady(`${name}-api`, { clusterName, secrets, node: order.bootstrap }, { ...child, dependsOn: bootstrap });
    const kubeconfig = new Kubeconfig(
      `${name}-kubeconfig`,
      { clusterName, endpoint, secrets, node: order.bootstrap },
      { ...child, dependsOn: api },
    );
    const kubernetes = new KubernetesProvider(
      `${name}-kubernetes`,
      { kubeconfig: kubeconfig.forProvider, clusterIdentifier: clusterName, upsertExistingObjects: true },
      { parent: this, dependsOn: api },
    );

    const cluster = bootstrap.cluster;
    const inside = { parent: this, providers: [kubernetes] };
    const namespaces = new Namespaces(`${name}-namespaces`, { namespaces: declared.namespaces, cluster }, inside);
    const crds = declared.releases
      .filter((app) => app.crds)
      .map(
        (app) =>
          new Crds(
            `${name}-crds-${app.namespace}-${app.name}`,
            { definitions: app.archive.crds, lifecycle: app.lifecycle, cluster },
            { ...inside, dependsOn: namespaces },
          ),
      );

    // The releases come in an order in which each finds those it waits for made; the one that brings the network is the first.
    const releases = new Map<string, HelmRelease>();
    const ready = new Map<string, NodeReady>();
    for (const app of declared.releases) {
      const waitsFor = app.cni
        ? []
        : [...controlPlane.map((node) => ready.get(node.hostname)), ...app.after.map((key) => releases.get(key))];
      const release = new HelmRelease(
        `${name}-release-${app.namespace}-${app.name}`,
        { app, chart: app.archive.path, cluster, kubeconfig: kubeconfig.forProvider },
        { ...inside, dependsOn: [namespaces, ...crds, ...waitsFor].filter((resource) => resource !== undefined) },
      );
      releases.set(appKey(app), release);
      if (!app.cni) continue;
      for (const node of nodes) {
        const dependsOn = [release, configurations.get(node.hostname)].filter((resource) => resource !== undefined);
        ready.set(
          node.hostname,
          new NodeReady(`${name}-ready-${node.hostname}`, { clusterName, secrets, node, api: order.bootstrap }, { ...child, dependsOn }),
        );
      }
    }

    new DestroyGuard(
      `${name}-guard-last`,
      { clusterName, allowDestroy },
      { ...child, dependsOn: [...removals.values(), ...configurations.values(), ...releases.values(), ...ready.values(), kubeconfig] },
    );

    this.kubeconfig = kubeconfig.forClients;
    this.talosconfig = pulumi.secret(
      talos.client.getConfigurationOutput(
        {
          clusterName,
          clientConfiguration: secrets.clientConfiguration,
          endpoints: controlPlane.map((node) => node.address),
          nodes: nodes.map((node) => node.address),
        },
        { parent: this, provider },
      ).talosConfig,
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig, talosconfig: this.talosconfig });
  }
}
