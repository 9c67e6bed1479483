import type { App, AppNamespace } from "../cluster/apps.ts";
import { installationMedium, installerImage } from "../cluster/images.ts";
import { declareManifests, type Manifests } from "../cluster/manifests.ts";
import { patchesFor } from "../cluster/patches.ts";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { Schematic } from "../cluster/schematic.ts";
import { type Chart, provideChart } from "./charts.ts";
import { type DeclaredSecrets, readSecrets } from "./secrets/read.ts";
import { readWritten, type Written } from "./written.ts";

/** A node with all that its files say. */
export interface DeclaredNode extends Node {
  image: Schematic;
  installerImage: string;
  installationMedium: string;
  /** Strategic merge patches, in their order. */
  configPatches: string[];
}

/** A release with its chart. */
export interface DeclaredApp extends App {
  archive: Chart;
  /** Taken over from the cluster in which it runs, by this ID; by none in a preview that could not ask the cluster. */
  adopted?: { id: string | undefined };
}

/** Everything that the stack files and the files they name declare: all that the components need to know. */
export interface Declaration extends Omit<Cluster, "nodes" | "apps" | "secrets"> {
  nodes: DeclaredNode[];
  secrets: DeclaredSecrets;
  /** The values that 1Password gave for the patches: nobody may read them in a rendering. */
  secretValues: string[];
  namespaces: AppNamespace[];
  releases: DeclaredApp[];
  manifests: Manifests[];
}

/** Reads the declaration whose configuration values are given; `root` is the project's folder. */
export async function load(root: string, configuration: Record<string, unknown>, isPreview = false): Promise<Declaration> {
  const written = readWritten(root, configuration);
  const { cluster } = written;
  const { secrets, patches, manifests, secretValues } = await readSecrets(written);
  const { namespaces, apps } = written.apps;
  const releases = await Promise.all(apps.map(async (app) => ({ ...app, archive: await provideChart(root, cluster, app, { isPreview }) })));
  const definitions = releases.flatMap(({ archive }) => archive.crds);
  return {
    ...cluster,
    nodes: declareNodes({ ...written, patches }),
    secrets,
    secretValues,
    namespaces,
    releases,
    manifests: declareManifests(manifests, definitions),
  };
}

/** The nodes, each with its schematic and, in their order, its patches. */
export function declareNodes({ cluster, schematics, patches }: Omit<Written, "apps" | "template">): DeclaredNode[] {
  return cluster.nodes.map((node) => {
    const image = schematics.get(node.hostname) as Schematic;
    const installer = installerImage(cluster, image);
    return {
      ...node,
      image,
      installerImage: installer,
      installationMedium: installationMedium(cluster, image, node),
      configPatches: patchesFor(cluster, node, installer, patches),
    };
  });
}
