import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parseAllDocuments } from "yaml";
import { type PatchFile, strayLayers } from "../cluster/patches.ts";
import { DeclarationError } from "../cluster/problems.ts";
import type { Cluster } from "../cluster/schema.ts";
import { exists } from "./files.ts";

/** All patch files of a cluster. One that no node would take, or that is not YAML, is an error. */
export function readPatches(root: string, cluster: Cluster): PatchFile[] {
  if (!exists(root, cluster.patches)) {
    throw new DeclarationError("configuration", [{ path: "patches", value: cluster.patches, repair: "there is no such folder" }]);
  }
  const folder = join(root, cluster.patches);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: relative(folder, file).split(sep).join("/"), text: readFileSync(file, "utf8") };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const problems = [
    ...strayLayers(cluster, files).map((layer) => ({
      path: join(cluster.patches, layer),
      repair: "is no layer of this cluster; layers are global, controller, worker and nodes/<hostname>",
    })),
    ...files.flatMap(({ path, text }) =>
      parseAllDocuments(text).flatMap((document) =>
        document.errors.map((error) => ({
          path: join(cluster.patches, path),
          repair: `is not valid YAML: ${error.message.split("\n", 1)[0]}`,
        })),
      ),
    ),
  ];
  if (problems.length > 0) throw new DeclarationError("patches", problems);
  return files;
}
