import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import { type App, appKey } from "./apps.ts";

/** One of Helm's records of a release: each install, upgrade or rollback leaves one. */
export interface ReleaseRecord {
  /** The Secret that holds it. */
  secret: string;
  status: string;
  /** Which of the release's records it is: the highest is the newest. */
  revision: number;
  /** What was installed, for a record whose content was read. */
  chart?: { name: string; version: string };
  values?: unknown;
}

/** A Secret as the Kubernetes API gives it, as far as Helm's records need it. */
interface Secret {
  metadata?: { name?: string; labels?: Record<string, string> };
  data?: Record<string, string>;
}

/** Kubernetes's API, as far as Helm's records need it. */
interface Api<S extends Secret> {
  listNamespacedSecret(which: { namespace: string; labelSelector: string }): Promise<{ items: S[] }>;
}

/** The Secrets that hold Helm's records of a release. */
export async function recordsIn<S extends Secret>(api: Api<S>, { namespace, name }: Pick<App, "namespace" | "name">): Promise<S[]> {
  return (await api.listNamespacedSecret({ namespace, labelSelector: `owner=helm,name=${name}` })).items;
}

/** Helm keeps a record as base64 of gzipped JSON, which the Secret holds in base64 once more. Only one that is deployed is read. */
export function recordOf({ metadata, data }: Secret): ReleaseRecord {
  const [secret = "", status = ""] = [metadata?.name, metadata?.labels?.status];
  const record = { secret, status, revision: Number(/\.v(\d+)$/.exec(secret)?.[1]) };
  if (status !== "deployed" || !data?.release) return record;
  const packed = Buffer.from(Buffer.from(data.release, "base64").toString("utf8"), "base64");
  const release = JSON.parse(gunzipSync(packed).toString("utf8")) as {
    chart: { metadata: { name: string; version: string } };
    config?: unknown;
  };
  return { ...record, chart: release.chart.metadata, values: release.config };
}

/** What an install or upgrade is in while it is at work, and stays in when it is killed. */
const pending = ["pending-install", "pending-upgrade", "pending-rollback"];

/**
 * Which records stand in the way of an operation on a release, and may go. Only one run at a time holds the stack, so nothing is at work.
 *
 * An upgrade is held up by what was killed at work. A create, of which the stack knows nothing yet, is held up by any record at all:
 * those of a run that was killed before it could note what it had made may go, if what they say is what is declared. With the record gone,
 * Helm takes over the objects that are there. Anything else was not made by this stack: an error, and nothing is touched.
 */
export function recordsToClear(operation: "create" | "update", records: readonly ReleaseRecord[], app: App): string[] {
  const killed = records.filter(({ status }) => pending.includes(status));
  if (operation === "update") return killed.map(({ secret }) => secret);
  const standing = records.filter(({ status }) => !pending.includes(status) && status !== "failed");
  const newest = newestOf(standing);
  if (!newest || standing.every((record) => record.status === "deployed" && isDeclared(record, app))) {
    return records.map(({ secret }) => secret);
  }
  throw new Error(`A release ${appKey(app)} is in the cluster already ${foreign(newest, standing.length, app)}; then npm run up again.`);
}

/** By what a release, which its newest record tells, is not what this stack made, and what to do. */
function foreign(newest: ReleaseRecord, revisions: number, app: App): string {
  const { chart, status, revision } = newest;
  if (status === "deployed" && isDeclared(newest, app)) {
    const older = `kubectl -n ${app.namespace} delete secret -l owner=helm,name=${app.name},status=superseded`;
    return `as it is declared, but with ${revisions} revisions, and this stack did not make them all. Delete the older ones (${older}), or name it under adopt in the stack file`;
  }
  const same = chart?.name === app.chart && bare(chart.version) === bare(app.version);
  const what = chart ? `${chart.name} ${chart.version}${same ? " with other values" : ""}` : "which cannot be read";
  const found = status === "deployed" ? what : `its newest revision ${revision} is ${status}`;
  return `(${found}), and this stack did not make it as it is declared. Name it under adopt in the stack file to take it over, or uninstall it`;
}

/** The record that says what a release is now. */
export function newestOf(records: readonly ReleaseRecord[]): ReleaseRecord | undefined {
  return [...records].sort((a, b) => b.revision - a.revision)[0];
}

function isDeclared({ chart, values }: ReleaseRecord, app: App): boolean {
  return chart?.name === app.chart && bare(chart.version) === bare(app.version) && isDeepStrictEqual(values ?? {}, app.values);
}

const bare = (version: string) => version.replace(/^v/, "");
