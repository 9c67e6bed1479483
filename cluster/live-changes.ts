import { isDeepStrictEqual } from "node:util";
import type { Change } from "./config-changes.ts";
import table from "./live-changes.json" with { type: "json" };
import type { Role } from "./schema.ts";
import { isNewerMinor } from "./versions.ts";

interface Later {
  readonly at: string;
  /** Adding to what is there takes effect at once. */
  readonly unless?: string;
  /** The last Talos minor of which this is so. */
  readonly until?: string;
}

const everywhere = (table.later.places as readonly Later[]).filter(({ until }) => !until);
const untilSomewhen = (table.later.places as readonly Later[]).filter(({ until }) => until);

/**
 * Those of the changes that a running node of that Talos version takes into its config, but into effect only at its next boot. From Talos 1.14 on no
 * node says so itself; before, it did for fields of the machine config alone. What is in no list needs one.
 */
export function needingReboot(changes: readonly Change[], talosVersion?: string): Change[] {
  const later = [...everywhere, ...untilSomewhen.filter(({ until }) => talosVersion && until && !isNewerMinor(talosVersion, until))];
  return changes.filter((change) => {
    const rule = later.find((one) => concerns(one, change));
    if (rule) return takesEffectLater(rule, change);
    return isMachineConfig(change) && !table.live.places.some((place) => covers(place, change.path));
  });
}

/** Whether the node's Talos version has a say in that; where it has none it need not be known. */
export function isByVersion(changes: readonly Change[]): boolean {
  return changes.some((change) => untilSomewhen.some((rule) => concerns(rule, change)));
}

/** Whether a node that is installed makes nothing of these. */
export function areInert(changes: readonly Change[]): boolean {
  return changes.length > 0 && changes.every(({ path }) => table.inert.places.some((place) => covers(place, path)));
}

/** Whether no program that a node runs is started again, and no network is touched, when it takes these in at once. */
export function areQuiet(changes: readonly Change[]): boolean {
  return changes.length > 0 && changes.every(({ path }) => table.quiet.places.some((place) => covers(place, path)));
}

/** What Talos makes of changes that it takes in at once, and starts programs again by. */
export interface MadeAnew {
  /** Its resources of that, by their types. */
  readonly resources: readonly string[];
  /** Those of them by which it then writes files of the control plane anew; `filesWritten` says that it has. */
  readonly files: readonly string[];
  /** Whether some of the changes, and not quiet ones, lead to none of them, or what changes is not known. */
  readonly others: boolean;
}

/** The resource that is another when Talos has written files of the control plane anew. */
export const filesWritten = table.files.status;

/** What Talos makes of changes on a node of that role. */
export function madeAnew(changes: readonly Change[], role: Role): MadeAnew {
  const loud = changes.filter((change) => !areQuiet([change]));
  const types = Object.entries(table.anew.resources).map(([type, places]) => ({
    type,
    of: loud.filter(({ path }) => places.some((place) => covers(place, path))),
  }));
  const own = types.filter(({ type, of }) => of.length > 0 && (role === "controlplane" || type === "kubeletspecs"));
  const others = changes.length === 0 || loud.some((change) => !own.some(({ of }) => of.includes(change)));
  const resources = own.map(({ type }) => type);
  return { resources, files: resources.filter((type) => table.files.of.includes(type)), others };
}

function concerns({ at }: Later, { path }: Change): boolean {
  return covers(at, path) || (path.length === 1 && at.startsWith(`${path[0]}.`));
}

function isMachineConfig({ path: [first = ""] }: Change): boolean {
  return !/^[A-Z]/.test(first); // all other documents begin with their kind
}

function covers(place: string, path: readonly string[]): boolean {
  return place.split(".").every((key, i) => (key === "*" ? path[i] !== undefined : key === path[i]));
}

function takesEffectLater({ at, unless }: Later, { path, before, after }: Change): boolean {
  const whole = at.split(".").length > path.length; // a document that came or went, with or without the part that counts
  if (whole) {
    const part = at.split(".")[1] ?? "";
    const of = (content: unknown) => (content as Record<string, unknown> | undefined)?.[part];
    return !isDeepStrictEqual(of(before), of(after));
  }
  if (unless !== "added") return true;
  if (before === undefined) return false;
  if (!Array.isArray(before) || !Array.isArray(after)) return true;
  return before.some((old) => !after.some((one) => isDeepStrictEqual(old, one)));
}
