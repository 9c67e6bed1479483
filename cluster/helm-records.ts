import { type App, appKey } from "./apps.ts";

/** One of Helm's records of a release: each install, upgrade or rollback leaves one. */
export interface ReleaseRecord {
  /** The Secret that holds it. */
  secret: string;
  status: string;
  /** What was installed, for a record whose content was read. */
  chart?: { name: string; version: string };
  values?: unknown;
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
  const foreign = standing.find((record) => !(record.status === "deployed" && isDeclared(record, app)));
  if (!foreign) return records.map(({ secret }) => secret);
  const found = foreign.chart ? `${foreign.chart.name} ${foreign.chart.version}` : "another chart";
  throw new Error(
    `A release ${appKey(app)} is in the cluster already (${foreign.status}: ${found}), and this stack did not make it as it is declared. ` +
      "Declare its chart, version and values as they are there, or uninstall it, then run pulumi up again.",
  );
}

function isDeclared({ chart, values }: ReleaseRecord, app: App): boolean {
  return chart?.name === app.chart && bare(chart.version) === bare(app.version) && canonical(values ?? {}) === canonical(app.values);
}

const bare = (version: string) => version.replace(/^v/, "");

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
