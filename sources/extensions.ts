import { join } from "node:path";
import { z } from "zod";
import { overlayKey, unknownExtensions, unknownOverlays } from "../cluster/extensions.ts";
import { DeclarationError, type Problem } from "../cluster/problems.ts";
import type { Schematic } from "../cluster/schematic.ts";
import { body, DownloadError, get } from "./download.ts";
import { exists, readText, writeAtomically } from "./files.ts";

/** Where lists that a factory gave are kept, below the project. */
const cache = ".factory";

/** How long a factory may take to answer: a preview without network should not hang. */
const timeout = 10_000;

const list = z.array(z.object({ name: z.string(), image: z.string().optional() }));
type Entry = z.output<typeof list>[number];

/** What the factory is asked about. */
export interface Wanted {
  imageFactoryUrl: string;
  talosVersion: string;
  nodes: readonly { image: Schematic }[];
}

/** What a schematic names that the factory may not have. */
interface Kind {
  what: string;
  path: string;
  key: (entry: Entry) => string;
  /** Below the folder of the factory. */
  file: (talosVersion: string) => string;
  unknown: (schematics: readonly Schematic[], talosVersion: string, listed: readonly string[]) => Problem[];
}

const kinds: readonly Kind[] = [
  {
    what: "system extensions",
    path: "extensions/official",
    key: ({ name }) => name,
    file: (version) => `${version}.json`,
    unknown: unknownExtensions,
  },
  { what: "overlays", path: "overlays/official", key: overlayKey, file: (version) => `${version}-overlays.json`, unknown: unknownOverlays },
];

/**
 * Throws where a schematic names an extension or an overlay that Image Factory does not have, which it would tell no sooner than a node pulls its
 * installer. A list is kept, since a released version's does not change; the factory is asked only about what the kept one does not have.
 * Returns a note where a preview could not ask; what changes machines has to know.
 */
export async function confirmSchematics(root: string, wanted: Wanted, isPreview: boolean): Promise<string | undefined> {
  const notes: string[] = [];
  for (const kind of kinds) {
    const note = await confirm(kind, root, wanted, isPreview);
    if (note) notes.push(note);
  }
  return notes.join("\n") || undefined;
}

async function confirm(kind: Kind, root: string, wanted: Wanted, isPreview: boolean): Promise<string | undefined> {
  const { imageFactoryUrl, talosVersion, nodes } = wanted;
  const schematics = [...new Map(nodes.map(({ image }) => [image.id, image])).values()];
  const missing = (listed: readonly string[]) => kind.unknown(schematics, talosVersion, listed);
  if (missing(kept(kind, root, wanted)).length === 0) return undefined;
  try {
    const listed = await ask(kind, wanted);
    writeAtomically(join(root, place(kind, wanted)), JSON.stringify(listed));
    const problems = missing(listed);
    if (problems.length > 0) throw new DeclarationError(kind.what, problems);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    if (error.status === 404) {
      const repair = `${imageFactoryUrl} has no images of this version; its list is at ${imageFactoryUrl}/versions`;
      throw new DeclarationError("configuration", [{ path: "talosVersion", value: talosVersion, repair }]);
    }
    if (!isPreview) {
      throw new DownloadError(`the list of ${kind.what}`, `${error.message}. imageFactoryUrl names the factory`, error.status);
    }
    return `Whether Image Factory has the schematics' ${kind.what} was not checked, and will be by npm run up: ${error.message}`;
  }
}

function place(kind: Kind, { imageFactoryUrl, talosVersion }: Wanted): string {
  return join(cache, new URL(imageFactoryUrl).host.replace(":", "-"), kind.file(talosVersion));
}

/** The list that was kept; an empty one where there is none, or none that can be read. */
function kept(kind: Kind, root: string, wanted: Wanted): readonly string[] {
  const path = place(kind, wanted);
  if (!exists(root, path)) return [];
  try {
    return z.array(z.string()).parse(JSON.parse(readText(root, path, "the cache")));
  } catch {
    return [];
  }
}

async function ask(kind: Kind, { imageFactoryUrl, talosVersion }: Wanted): Promise<string[]> {
  const url = `${imageFactoryUrl}/version/${talosVersion}/${kind.path}`;
  const text = (await body(await get(url, {}, timeout))).toString("utf8");
  try {
    return list.parse(JSON.parse(text)).map(kind.key);
  } catch {
    throw new DownloadError(url, `what answers is not an Image Factory's list of ${kind.what}`);
  }
}
