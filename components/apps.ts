import type { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { appKey } from "../cluster/apps.ts";
import type { Declaration } from "../cluster/declaration.ts";
import type { Rollout } from "../cluster/order.ts";
import type { ClusterSecrets } from "./cluster-secrets.ts";
import { Crds } from "./crds.ts";
import { HelmRelease } from "./helm-release.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { type Made, made } from "./made.ts";
import { Manifests } from "./manifests.ts";
import { Namespaces } from "./namespaces.ts";
import type { NodeConfiguration } from "./node-configuration.ts";
import { NodeReady } from "./node-ready.ts";

export interface AppsArgs {
  declared: Declaration;
  order: Rollout;
  secrets: ClusterSecrets;
  kubernetes: KubernetesProvider;
  kubeconfig: Kubeconfig;
  /** With which everything vanishes. */
  cluster: pulumi.Resource;
  configurations: Made<NodeConfiguration>;
  parent: pulumi.Resource;
}

/**
 * Declares what runs in the cluster: namespaces, then definitions, then manifests, then the release that brings the network, then, on nodes that
 * are ready, all others. Returns all of it.
 */
export function installApps(name: string, args: AppsArgs): pulumi.Resource[] {
  const { declared, order, cluster, parent } = args;
  const inside = { parent, provider: args.kubernetes };
  const namespaces = new Namespaces(`${name}-namespaces`, { namespaces: declared.namespaces, cluster }, inside);
  const crds = declared.releases
    .filter((app) => app.crds)
    .map(({ namespace, name: release, lifecycle, archive, standing = [] }) => {
      const definitions = { definitions: archive.crds, lifecycle, standing, cluster };
      return new Crds(`${name}-crds-${namespace}-${release}`, definitions, { ...inside, dependsOn: namespaces });
    });

  const before = declared.manifests
    .filter(({ release }) => !release)
    .map(({ namespace, objects }) => {
      const options = { ...inside, dependsOn: [namespaces, ...crds] };
      return new Manifests(`${name}-manifests-${namespace}`, { objects, cluster }, options);
    });

  const releases = new Map<string, HelmRelease>();
  let ready: Made<NodeReady> = new Map();
  // They come in an order in which each finds those made that it waits for; the one that brings the network is the first.
  for (const app of declared.releases) {
    const readyNodes = app.cni ? [] : order.controlPlane.map((node) => made(ready, node.hostname));
    const dependsOn = [namespaces, ...crds, ...before, ...readyNodes, ...app.after.map((key) => made(releases, key))];
    const chart = { app, chart: app.archive.path, cluster, kubeconfig: args.kubeconfig.forProvider };
    const release = new HelmRelease(`${name}-release-${app.namespace}-${app.name}`, chart, { ...inside, dependsOn });
    releases.set(appKey(app), release);
    if (app.cni) ready = readiness(name, args, release);
  }

  const after = declared.manifests.flatMap(({ namespace, release, objects }) => {
    if (!release) return [];
    const options = { ...inside, dependsOn: made(releases, appKey({ namespace, name: release.name })) };
    return [new Manifests(`${name}-after-${namespace}-${release.name}`, { objects, lifecycle: release.lifecycle, cluster }, options)];
  });
  return [namespaces, ...crds, ...before, ...releases.values(), ...ready.values(), ...after];
}

/** Each node, once it has its configuration and the network is installed. */
function readiness(name: string, { declared, order, secrets, configurations, parent }: AppsArgs, network: HelmRelease): Made<NodeReady> {
  const { clusterName, nodeTimeout, nodes } = declared;
  return new Map(
    nodes.map((node) => {
      const dependsOn = [network, made(configurations, node.hostname)];
      const args = { clusterName, nodeTimeout, secrets, node, api: order.bootstrap };
      return [node.hostname, new NodeReady(`${name}-ready-${node.hostname}`, args, { parent, dependsOn })];
    }),
  );
}
