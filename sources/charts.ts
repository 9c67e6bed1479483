import { createHash, randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { App } from "../cluster/apps.ts";
import { DeclarationError } from "../cluster/problems.ts";
import type { Cluster } from "../cluster/schema.ts";
import { DownloadError } from "./download.ts";
import { exists } from "./files.ts";

/** A chart on this machine: where its archive lies below the project, and the custom resource definitions it brings. */
export interface Chart {
  path: string;
  crds: CustomResourceDefinition[];
}

/** A custom resource definition, as a chart carries it. */
export interface CustomResourceDefinition {
  apiVersion: string;
  kind: "CustomResourceDefinition";
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
}

/** Where fetched charts are kept, below the project. */
const cache = ".charts";

/**
 * Brings a release's chart onto this machine, once for each version, so that a preview needs no network.
 *
 * The archive is cached by where it came from: a mirror's never stands in for the original. The release is given a path that
 * depends on neither version nor source, so that a release which keeps its old inputs still finds a chart on a fresh machine.
 */
export async function provideChart(root: string, cluster: Pick<Cluster, "clusterName" | "chartMirror">, app: App): Promise<Chart> {
  const source = cluster.chartMirror ?? app.repository;
  const sourceKey = createHash("sha256").update(source).digest("hex").slice(0, 16);
  const cached = join(cache, sourceKey, `${app.chart}-${app.version}.tgz`);
  if (!exists(root, cached)) await fetchInto(root, cached, source, app);
  verifyDigest(root, cached, app);

  const path = join(cache, cluster.clusterName, `${app.namespace}-${app.name}.tgz`);
  replaceAtomically(join(root, path), (temporary) => linkSync(join(root, cached), temporary));
  return { path: `./${path}`, crds: app.crds ? await crdsOf(root, path, app) : [] };
}

async function fetchInto(root: string, path: string, source: string, { chart, version }: App): Promise<void> {
  const { content, digest } = source.startsWith("oci://")
    ? await (await import("./oci-charts.ts")).fetchFromRegistry(source, chart, version)
    : await (await import("./http-charts.ts")).fetchFromRepository(source, chart, version);
  const actual = sha256(content);
  if (digest && digest !== actual)
    throw new DownloadError(`${chart} ${version} from ${source}`, `it arrived as ${actual}, but its repository says ${digest}`);
  replaceAtomically(join(root, path), (temporary) => writeFileSync(temporary, content));
}

function verifyDigest(root: string, path: string, { namespace, name, digest }: App): void {
  if (!digest) return;
  const actual = sha256(readFileSync(join(root, path)));
  if (actual === digest) return;
  throw new DeclarationError(`${namespace}/${name}/release.yaml`, [
    {
      path: "digest",
      value: digest,
      repair: `the chart in ${path} has ${actual}; correct the digest, or delete the file if the chart was tampered with`,
    },
  ]);
}

async function crdsOf(root: string, path: string, app: App): Promise<CustomResourceDefinition[]> {
  const crds = await (await import("./chart-crds.ts")).readChartCrds(join(root, path));
  if (crds.length > 0) return crds;
  throw new DeclarationError(`${app.namespace}/${app.name}/release.yaml`, [
    { path: "crds", value: true, repair: `the chart ${app.chart} ${app.version} carries no definitions; remove the line` },
  ]);
}

/** Makes a file appear whole or not at all, even when another run does the same. */
function replaceAtomically(path: string, make: (temporary: string) => void): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    make(temporary);
    renameSync(temporary, path);
  } finally {
    // rename(2) leaves its source where both are links to one file.
    rmSync(temporary, { force: true });
  }
}

function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
