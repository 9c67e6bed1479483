import type { App, AppNamespace } from "./apps.ts";
import { installationMedium, installerImage } from "./images.ts";
import type { CustomResourceDefinition } from "./kubernetes-object.ts";
import type { Manifests } from "./manifests.ts";
import { type PatchFile, patchesFor } from "./patches.ts";
import type { Cluster, Node } from "./schema.ts";
import type { Schematic } from "./schematic.ts";
import type { Bundle } from "./secrets/bundle.ts";

/** A node with all that its files say. */
export interface DeclaredNode extends Node {
  image: Schematic;
  installerImage: string;
  installationMedium: string;
  /** Strategic merge patches, in their order. */
  configPatches: string[];
}

/** The cluster's secrets: made by the stack, or a whole bundle that was checked. */
export type DeclaredSecrets = { source: "generated" } | { source: "onepassword"; bundle: Bundle };

/** A chart on this machine: where its archive lies below the project, and the custom resource definitions it brings. */
export interface Chart {
  path: string;
  crds: CustomResourceDefinition[];
}

/** A release with its chart. */
export interface DeclaredApp extends App {
  archive: Chart;
  /** Taken over from the cluster in which it runs, by this ID; by none in a preview that could not ask the cluster. */
  adopted?: { id: string | undefined };
  /** The names of those of its definitions that the cluster has already, where they are to stay as they are. */
  standing?: readonly string[];
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

/** The cluster as its owner wrote it, as far as it says what a node is. */
interface WrittenNodes {
  cluster: Cluster;
  /** By hostname. */
  schematics: ReadonlyMap<string, Schematic>;
  patches: readonly PatchFile[];
}

/** The nodes, each with its schematic and, in their order, its patches. */
export function declareNodes({ cluster, schematics, patches }: WrittenNodes): DeclaredNode[] {
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
