import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { patchProblems } from "../cluster/patch-checks.ts";
import { type PatchFile, strayLayers } from "../cluster/patches.ts";
import { DeclarationError } from "../cluster/problems.ts";
import type { Cluster } from "../cluster/schema.ts";
import { strayReferences } from "../cluster/secrets/references.ts";
import { exists } from "./files.ts";

/** Of a cluster what its patches depend on; what is wrong itself, and was told already, is absent. */
type Patched = Pick<Cluster, "patches"> & Partial<Pick<Cluster, "nodes" | "talosContract">>;

/** All patch files of a cluster. One that no node would take, or that Talos would not, is an error. */
export function readPatches(root: string, cluster: Patched): PatchFile[] {
  if (!exists(root, cluster.patches)) {
    throw new DeclarationError("configuration", [{ path: "patches", value: cluster.patches, repair: "there is no such folder" }]);
  }
  const folder = join(root, cluster.patches);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  const files = paths.filter((path) => /\.ya?ml$/.test(path)).map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
  const problems = [
    ...strayLayers(cluster.nodes, files).map(({ path, repair }) => ({ path: join(cluster.patches, path), repair })),
    ...paths
      .filter((path) => path.endsWith(".json"))
      .map((path) => ({ path: join(cluster.patches, path), repair: "is not read; a patch is a YAML file, with .yaml at its end" })),
    ...files.flatMap(({ path, text }) => strayReferences(join(cluster.patches, path), text)),
    ...patchProblems(cluster.patches, files, cluster.talosContract),
  ];
  if (problems.length > 0) throw new DeclarationError("patches", problems);
  return files;
}
