import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../cluster/apps.ts";
import { chartFolder } from "../cluster/chart-folder.ts";
import type { CustomResourceDefinition } from "../cluster/kubernetes-object.ts";
import { DeclarationError } from "../cluster/problems.ts";
import type { Cluster } from "../cluster/schema.ts";
import { DownloadError } from "./download.ts";
import { exists, writeAtomically } from "./files.ts";

/** A chart on this machine: where its archive lies below the project, and the custom resource definitions it brings. */
export interface Chart {
  path: string;
  crds: CustomResourceDefinition[];
}

/** Where fetched charts are kept, below the project. */
const cache = ".charts";

/**
 * Brings a release's chart onto this machine, once for each version, so that a preview needs no network. A mirror is near, and what it
 * holds may change or stand in for something else: it is asked every time, and nothing of it gets into the cache.
 *
 * The release is given a path that depends on neither version nor source: one that keeps its old inputs still finds a chart on a fresh machine.
 */
export async function provideChart(root: string, cluster: Pick<Cluster, "clusterName" | "chartMirror">, app: App): Promise<Chart> {
  const archive = cluster.chartMirror ? await fetchChart(cluster.chartMirror, app) : await cachedChart(root, app);
  verifyDigest(archive, app);
  const path = `${chartFolder(cluster.clusterName)}/${app.namespace}-${app.name}.tgz`;
  if (!exists(root, path) || !readFileSync(join(root, path)).equals(archive)) writeAtomically(join(root, path), archive);
  return { path, crds: app.crds ? await crdsOf(join(root, path), app) : [] };
}

/** From the cache, which is kept by repository and version. */
async function cachedChart(root: string, app: App): Promise<Buffer> {
  const path = join(cache, createHash("sha256").update(app.repository).digest("hex").slice(0, 16), `${app.chart}-${app.version}.tgz`);
  if (!exists(root, path)) writeAtomically(join(root, path), await fetchChart(app.repository, app));
  return readFileSync(join(root, path));
}

async function fetchChart(source: string, { namespace, name, chart, version }: App): Promise<Buffer> {
  try {
    const { content, digest } = source.startsWith("oci://")
      ? await (await import("./oci-charts.ts")).fetchFromRegistry(source, chart, version)
      : await (await import("./http-charts.ts")).fetchFromRepository(source, chart, version);
    const actual = sha256(content);
    if (digest && digest !== actual)
      throw new DownloadError(source, `${chart} ${version} arrived as ${actual}, but is listed as ${digest}`);
    return content;
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw new DownloadError(
      `the chart of ${namespace}/${name}`,
      `${error.message}. Its release.yaml names the repository and the version.`,
    );
  }
}

function verifyDigest(archive: Buffer, { namespace, name, chart, version, digest }: App): void {
  const actual = sha256(archive);
  if (!digest || actual === digest) return;
  throw new DeclarationError(`${namespace}/${name}/release.yaml`, [
    { path: "digest", value: digest, repair: `${chart} ${version} has ${actual}; find out why it differs before you correct either` },
  ]);
}

async function crdsOf(path: string, app: App): Promise<CustomResourceDefinition[]> {
  const crds = await (await import("./chart-crds.ts")).readChartCrds(path);
  if (crds.length > 0) return crds;
  throw new DeclarationError(`${app.namespace}/${app.name}/release.yaml`, [
    { path: "crds", value: true, repair: `the chart ${app.chart} ${app.version} carries no definitions; remove the line` },
  ]);
}

function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
