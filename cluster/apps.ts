import { DeclarationError, type Problem } from "./problems.ts";
import type { Release } from "./release.ts";
import { didYouMean } from "./suggest.ts";

/** A Helm release as declared under `apps/<namespace>/<name>/`. */
export interface App extends Release {
  namespace: string;
  name: string;
  /** The content of values.yaml. */
  values: Record<string, unknown>;
}

/** A directory under `apps/`. */
export interface AppNamespace {
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Namespaces that Kubernetes makes itself: they are patched, never created or deleted. */
export const builtInNamespaces: readonly string[] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** `<namespace>/<name>`. */
export const appKey = ({ namespace, name }: Pick<App, "namespace" | "name">): string => `${namespace}/${name}`;

/**
 * The apps in an order in which each stands behind those it waits for; independent ones by their key.
 * Throws a DeclarationError for an unknown or circular `after`, and unless exactly one app brings the network.
 */
export function inOrder(apps: readonly App[]): App[] {
  const byKey = new Map(apps.map((app) => [appKey(app), app]));
  const problems: Problem[] = [...network(apps), ...unknownAfter(apps, byKey)];
  if (problems.length > 0) throw new DeclarationError("apps", problems);

  const ordered = new Map<string, App>();
  const visit = (app: App, trail: readonly string[]) => {
    const key = appKey(app);
    if (ordered.has(key)) return;
    if (trail.includes(key)) {
      const circle = [...trail.slice(trail.indexOf(key)), key].join(" → ");
      throw new DeclarationError("apps", [{ path: `${key}/release.yaml: after`, repair: `waits for itself: ${circle}` }]);
    }
    for (const other of app.after) visit(byKey.get(other) as App, [...trail, key]);
    ordered.set(key, app);
  };
  for (const key of [...byKey.keys()].sort()) visit(byKey.get(key) as App, []);
  return [...ordered.values()].sort((a, b) => Number(b.cni) - Number(a.cni));
}

function network(apps: readonly App[]): Problem[] {
  const networks = apps.filter((app) => app.cni);
  if (networks.length === 1) {
    const [cni] = networks as [App];
    if (cni.after.length === 0) return [];
    return [
      {
        path: `${appKey(cni)}/release.yaml: after`,
        value: cni.after,
        repair: "the release that brings the network cannot wait for others, which need it",
      },
    ];
  }
  const repair =
    networks.length === 0
      ? "no release has cni: true; without one no node ever gets ready"
      : `${networks.map(appKey).join(" and ")} have cni: true; a cluster has one network`;
  return [{ path: "release.yaml: cni", repair }];
}

/** What is wrong with a key that none of the releases has. */
export const noRelease = (key: string, known: readonly string[]): string => `is not a release of this stack${didYouMean(key, known)}`;

function unknownAfter(apps: readonly App[], byKey: ReadonlyMap<string, App>): Problem[] {
  return apps.flatMap((app) =>
    app.after
      .filter((other) => !byKey.has(other))
      .map((other) => ({ path: `${appKey(app)}/release.yaml: after`, value: other, repair: noRelease(other, [...byKey.keys()]) })),
  );
}
