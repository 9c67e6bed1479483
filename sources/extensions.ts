import { join } from "node:path";
import { z } from "zod";
import { unknownExtensions } from "../cluster/extensions.ts";
import { DeclarationError } from "../cluster/problems.ts";
import type { Schematic } from "../cluster/schematic.ts";
import { body, DownloadError, get } from "./download.ts";
import { exists, readText, writeAtomically } from "./files.ts";

/** Where lists that a factory gave are kept, below the project. */
const cache = ".factory";

/** How long a factory may take to answer: a preview without network should not hang. */
const timeout = 10_000;

const list = z.array(z.object({ name: z.string() }));

/** What the factory is asked about. */
export interface Wanted {
  imageFactoryUrl: string;
  talosVersion: string;
  nodes: readonly { image: Schematic }[];
}

/**
 * Throws where a schematic names an extension that Image Factory does not have, which it would tell no sooner than a node pulls its installer.
 * A list is kept, since a released version's does not change; the factory is asked only about what the kept one does not have.
 * Returns a note where a preview could not ask; what changes machines has to know.
 */
export async function confirmExtensions(root: string, wanted: Wanted, isPreview: boolean): Promise<string | undefined> {
  const { imageFactoryUrl, talosVersion, nodes } = wanted;
  const schematics = [...new Map(nodes.map(({ image }) => [image.id, image])).values()];
  const missing = (listed: readonly string[]) => unknownExtensions(schematics, talosVersion, listed);
  if (missing(kept(root, wanted)).length === 0) return undefined;
  try {
    const listed = await ask(wanted);
    writeAtomically(join(root, place(wanted)), JSON.stringify(listed));
    const problems = missing(listed);
    if (problems.length > 0) throw new DeclarationError("system extensions", problems);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    if (error.status === 404) {
      const repair = `${imageFactoryUrl} has no images of this version; its list is at ${imageFactoryUrl}/versions`;
      throw new DeclarationError("configuration", [{ path: "talosVersion", value: talosVersion, repair }]);
    }
    if (!isPreview) {
      throw new DownloadError("the list of system extensions", `${error.message}. imageFactoryUrl names the factory`, error.status);
    }
    return `Whether Image Factory has the schematics' extensions was not checked, and will be by \`pulumi up\`: ${error.message}`;
  }
}

function place({ imageFactoryUrl, talosVersion }: Wanted): string {
  return join(cache, new URL(imageFactoryUrl).host.replace(":", "-"), `${talosVersion}.json`);
}

/** The list that was kept; an empty one where there is none, or none that can be read. */
function kept(root: string, wanted: Wanted): readonly string[] {
  if (!exists(root, place(wanted))) return [];
  try {
    return z.array(z.string()).parse(JSON.parse(readText(root, place(wanted), "the cache")));
  } catch {
    return [];
  }
}

async function ask({ imageFactoryUrl, talosVersion }: Wanted): Promise<string[]> {
  const url = `${imageFactoryUrl}/version/${talosVersion}/extensions/official`;
  const text = (await body(await get(url, {}, timeout))).toString("utf8");
  try {
    return list.parse(JSON.parse(text)).map(({ name }) => name);
  } catch {
    throw new DownloadError(url, "what answers is not an Image Factory's list of extensions");
  }
}
