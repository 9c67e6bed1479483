import { type App, appKey, noRelease } from "./apps.ts";
import { newestOf, type ReleaseRecord } from "./helm-records.ts";
import { DeclarationError, type Problem, pathOf } from "./problems.ts";
import type { Cluster } from "./schema.ts";

type Adopting = Pick<Cluster, "adopt" | "adoptSecretValues">;

/** Throws where something is to be adopted that is not declared: what is declared is what it is held to from then on. */
export function checkAdopted({ adopt }: Pick<Cluster, "adopt">, apps: readonly App[]): void {
  const keys = apps.map(appKey);
  const problems = adopt.flatMap((key, index): Problem[] => {
    if (keys.includes(key)) return [];
    return [{ path: `adopt[${index}]`, value: key, repair: noRelease(key, keys) }];
  });
  if (problems.length > 0) throw new DeclarationError("configuration", problems);
}

/** Why a release cannot be adopted as the cluster has it: `records` are all that Helm keeps of it. */
export function adoptionProblem(app: App, records: readonly ReleaseRecord[], { adopt, adoptSecretValues }: Adopting): Problem | undefined {
  const key = appKey(app);
  const path = `adopt[${adopt.indexOf(key)}]`;
  const newest = newestOf(records);
  if (!newest) {
    return { path, value: key, repair: "there is no such release in the cluster; take it out of the list, and it is installed" };
  }
  if (newest.status !== "deployed" || !newest.chart) {
    const repair = `its revision ${newest.revision} is ${newest.status}, not deployed; bring it in order with helm first (helm rollback)`;
    return { path, value: key, repair };
  }
  if (newest.chart.name !== app.chart) {
    return { path, value: key, repair: `in the cluster it is of the chart ${newest.chart.name}, declared is ${app.chart}` };
  }
  const secrets = adoptSecretValues ? [] : secretLooking(newest.values);
  if (secrets.length === 0) return undefined;
  const repair =
    `its values seem to hold secrets (${secrets.join(", ")}), and the preview of an import shows values. Have the chart read them ` +
    "from a Secret first, or set adoptSecretValues: true for the run that adopts it";
  return { path, value: key, repair };
}

const secretKey = /pass(word|phrase|wd)|secret|token|credential|api-?key|private-?key|access-?key|auth$/i;
/** Keys that name where a secret is, or say how it is handled, and do not hold one. */
const aboutSecrets = /(name|ref|refs|path|file|mount|dir|url|type|method|mode|enabled|create|namespace|annotations|labels)$/i;
const secretText =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|:\/\/[^/\s:@]+:[^/\s@]+@|^(ghp|gho|ghs|github_pat|glpat|xox[bp]|AKIA|eyJ)[A-Za-z0-9_-]{12,}/;

/**
 * The places in values that seem to hold a secret. In doubt it is one: a person looks and says that it may be shown.
 * A key's word counts for all that is below it: `auth: { admin: … }`.
 */
export function secretLooking(values: unknown): string[] {
  const walk = (value: unknown, path: readonly PropertyKey[], named: boolean): string[] => {
    if (typeof value === "object" && value !== null) {
      return Object.entries(value).flatMap(([key, member]) => {
        const step = Array.isArray(value) ? Number(key) : key;
        const says = typeof step === "string" && secretKey.test(step);
        const about = typeof step === "string" && aboutSecrets.test(step);
        return walk(member, [...path, step], (named || says) && !about);
      });
    }
    if (typeof value === "number") return named ? [pathOf(path)] : [];
    return typeof value === "string" && value !== "" && (named || secretText.test(value)) ? [pathOf(path)] : [];
  };
  return walk(values, [], false);
}
