import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../cluster/apps.ts";
import { chartFolder } from "../cluster/chart-folder.ts";
import type { Chart } from "../cluster/declaration.ts";
import type { CustomResourceDefinition } from "../cluster/kubernetes-object.ts";
import { DeclarationError } from "../cluster/problems.ts";
import type { Cluster } from "../cluster/schema.ts";
import { DownloadError } from "./download.ts";
import { exists, writeAtomically } from "./files.ts";

/** Where fetched charts are kept, below the project. */
const cache = ".charts";

/** How a chart is fetched. */
interface Options {
  /** A preview may do with the chart that the last run was given, where a mirror does not answer. */
  isPreview?: boolean;
}

/**
 * Brings a release's chart onto this machine, once for each version, so that a preview needs no network. A mirror is near, and what it
 * holds may change or stand in for something else: it is asked every time, and nothing of it gets into the cache.
 *
 * The release is given a path that depends on neither version nor source: one that keeps its old inputs still finds a chart on a fresh machine.
 */
export async function provideChart(
  root: string,
  cluster: Pick<Cluster, "clusterName" | "chartMirror">,
  app: App,
  options: Options = {},
): Promise<Chart> {
  const path = `${chartFolder(cluster.clusterName)}/${app.namespace}-${app.name}.tgz`;
  const last = () => (options.isPreview ? givenBefore(root, path, app) : undefined);
  const archive = cluster.chartMirror ? await mirroredChart(cluster.chartMirror, app, last) : await cachedChart(root, app);
  if (!standsIn(cluster.chartMirror)) verifyDigest(archive, app);
  if (!exists(root, path) || !readFileSync(join(root, path)).equals(archive)) writeAtomically(join(root, path), archive);
  return { path, crds: app.crds ? await crdsOf(join(root, path), app) : [] };
}

/** From a mirror; what it gave the last time will do where it is silent, which is no answer of its own. */
async function mirroredChart(mirror: string, app: App, last: () => Promise<Buffer | undefined> | undefined): Promise<Buffer> {
  try {
    return await fetchChart(mirror, app);
  } catch (error) {
    const silent = error instanceof DownloadError && error.status === undefined;
    const archive = silent ? await last() : undefined;
    if (!archive) throw error;
    return archive;
  }
}

/** The archive that the last run was given, if it is of the declared chart and version. */
async function givenBefore(root: string, path: string, app: App): Promise<Buffer | undefined> {
  if (!exists(root, path)) return undefined;
  const { name, version } = await (await import("./chart-crds.ts")).readChartMetadata(join(root, path));
  return name === app.chart && version === app.version ? readFileSync(join(root, path)) : undefined;
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
      error.status,
    );
  }
}

/**
 * Whether a mirror has small charts in the place of the declared ones, as the lab's: its index says what their digests are. No file of a stack can
 * say so, only what started the run.
 */
const standsIn = (mirror: string | undefined) => mirror !== undefined && mirror === process.env.PHOEBE_STAND_IN_CHARTS;

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
