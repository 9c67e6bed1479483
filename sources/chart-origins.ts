import { join } from "node:path";
import { stringify } from "yaml";
import { chartFolder, helmRepositories } from "../cluster/chart-folder.ts";
import { newestOf } from "../cluster/helm-records.ts";
import type { Found } from "./adoption.ts";
import { writeAtomically } from "./files.ts";

/**
 * Helm keeps no record of where a chart came from. For an import the provider looks a release's chart up in Helm's list of repositories and
 * notes `<repository>/<chart>`. So the folder with the declared releases' charts is written down as such a repository: what is noted is then
 * the very path that the release is declared with, and there is nothing to upgrade.
 */
export function tellOrigins(root: string, clusterName: string, found: readonly Found[]): void {
  const folder = chartFolder(clusterName);
  const { repositoryConfigPath, repositoryCache } = helmRepositories(clusterName);
  const entries: Record<string, object[]> = {};
  for (const { app, records } of found) {
    const { name = "", version } = newestOf(records)?.chart ?? {};
    entries[name] = [...(entries[name] ?? []), { apiVersion: "v2", name: app.archive.path.slice(folder.length + 1), version }];
  }
  writeAtomically(join(root, repositoryConfigPath), stringify({ apiVersion: "v1", repositories: [{ name: folder, url: folder }] }));
  writeAtomically(join(root, repositoryCache, `${folder}-index.yaml`), stringify({ apiVersion: "v1", entries }));
}
