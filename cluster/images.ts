import type { Cluster, Node } from "./schema.ts";
import type { Schematic } from "./schematic.ts";

/** What names an image beside its schematic. */
type Source = Pick<Cluster, "imageFactoryUrl" | "talosVersion" | "secureBoot">;

/** Where the images of one schematic are, for one architecture. */
export interface Image {
  schematicId: string;
  arch: Node["arch"];
  /** What a node pulls to install and to upgrade; it holds both architectures. */
  installerImage: string;
  /** What a machine boots before it is configured: from a medium, or from the network. */
  iso: string;
  pxe: string;
  /** The nodes that it is for. */
  nodes: string[];
}

/** The Image Factory of Talos's makers. */
export const officialFactory = "https://factory.talos.dev";

/** The installer image of a schematic, as a node pulls it. */
export function installerImage({ imageFactoryUrl, talosVersion, secureBoot }: Source, { id }: Pick<Schematic, "id">): string {
  return `${new URL(imageFactoryUrl).host}/metal-installer${variant(secureBoot)}/${id}:${talosVersion}`;
}

/** Whether an installer image is of the SecureBoot variant. */
export function isSecureBootImage(image: string): boolean {
  return image.includes(`${variant(true)}/`);
}

/** The ISO that a machine boots before it is configured. */
export function installationMedium(source: Source, { id }: Pick<Schematic, "id">, { arch }: Pick<Node, "arch">): string {
  return `${source.imageFactoryUrl}/image/${id}/${source.talosVersion}/metal-${arch}${variant(source.secureBoot)}.iso`;
}

/** The iPXE script that boots a machine from the network. The official factory has a host for it, any other serves it itself. */
export function pxeScript(source: Source, { id }: Pick<Schematic, "id">, { arch }: Pick<Node, "arch">): string {
  const base = source.imageFactoryUrl === officialFactory ? "https://pxe.factory.talos.dev" : source.imageFactoryUrl;
  return `${base}/pxe/${id}/${source.talosVersion}/metal-${arch}${variant(source.secureBoot)}`;
}

/** One for each distinct schematic and architecture, in the order of the nodes. */
export function imagesOf(source: Source, nodes: readonly (Pick<Node, "hostname" | "arch"> & { image: Pick<Schematic, "id"> })[]): Image[] {
  const images = new Map<string, Image>();
  for (const { hostname, arch, image: schematic } of nodes) {
    const key = `${schematic.id} ${arch}`;
    const image = images.get(key) ?? {
      schematicId: schematic.id,
      arch,
      installerImage: installerImage(source, schematic),
      iso: installationMedium(source, schematic, { arch }),
      pxe: pxeScript(source, schematic, { arch }),
      nodes: [],
    };
    image.nodes.push(hostname);
    images.set(key, image);
  }
  return [...images.values()];
}

function variant(secureBoot: boolean): string {
  return secureBoot ? "-secureboot" : "";
}
