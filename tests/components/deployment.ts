import { type Event, ended, run } from "../cluster/support/engine.ts";
import type { Registration } from "./recorder.ts";

/** A resource as a program declares it, and as a state keeps it. */
export interface Resource {
  /** Components are none of a provider's, and changing one is nothing that is done. */
  custom: boolean;
  /** What is compared: a resource that differs in it is updated. */
  seen: string;
  /** What it is made after, and deleted before, by name. */
  after: readonly string[];
}

/** By name. */
export type Resources = ReadonlyMap<string, Resource>;

/** What happens to a deployment, by chance. */
export interface Chances {
  /** By name; a deletion's is `delete <name>`. */
  fails: ReadonlySet<string>;
  /** Decides who is faster. */
  seed: number;
  /** After how many of its events the engine is killed, if it is. */
  killedAfter?: number | undefined;
}

export interface Deployment {
  before: Resources;
  declared: Resources;
  /** Resources that are made or updated, declared or not yet, if nothing fails. */
  changed: ReadonlySet<string>;
  /** Resources of the state that are no longer declared. */
  gone: ReadonlySet<string>;
  chances: Chances;
  /** Of what is changed and deleted: what is the same as before takes no time. */
  events: Event[];
  /** The state it leaves. */
  after: Resources;
}

export const deletion = (name: string) => `delete ${name}`;
const resourceOf = (name: string) => name.replace(/^delete /, "");

/** What a program registered, by the names that it gave without the cluster's. */
export function resourcesOf(cluster: string, registrations: ReadonlyMap<string, Registration>): Resources {
  const short = (name: string) => name.slice(cluster.length + 1);
  const names = new Map([...registrations.values()].map(({ urn, name }) => [urn, short(name)]));
  return new Map(
    [...registrations.values()].map(({ name, custom, inputs, replacementTrigger, dependencies, parent, provider, deletedWith }) => {
      const edges = [...dependencies, parent, provider.replace(/::[^:]*$/, ""), deletedWith];
      const after = [...new Set(edges.flatMap((urn) => names.get(urn) ?? []))];
      return [short(name), { custom, seen: custom ? JSON.stringify({ inputs, replacementTrigger }) : "", after }];
    }),
  );
}

/** What a deployment has to change, and what it has to delete. */
export function differences(before: Resources, declared: Resources): Pick<Deployment, "changed" | "gone"> {
  const changed = [...declared].filter(([name, { custom, seen }]) => custom && before.get(name)?.seen !== seen);
  return { changed: new Set(changed.map(([name]) => name)), gone: new Set([...before.keys()].filter((name) => !declared.has(name))) };
}

/**
 * What Pulumi's engine (3.250, PULUMI_CONTINUE_ON_ERROR) does with a program and the state that the run before left. It makes what differs in the
 * order of the program; what is the same still waits, and gets the program's edges. What waits for something that failed is skipped, and stays in
 * the state as it was. Then, in the order of the state alone, it deletes what is gone, in batches of which each waits for the one before. `last` is
 * the resource without which nothing is deleted, as components/deletions.ts sees to.
 */
export function deploy(before: Resources, declared: Resources, last: string, chances: Chances): Deployment {
  const { changed, gone } = differences(before, declared);
  const { fails, seed, killedAfter = Number.POSITIVE_INFINITY } = chances;
  const tasks = [...declared].map(([name, { after }]) => ({ name, after }));
  const all = run(tasks, new Set([...fails].filter((name) => changed.has(name))), seed).slice(0, killedAfter);
  const made = new Set(ended(all));
  const events = all.filter(({ name }) => changed.has(name));

  const after = new Map(before);
  for (const [name, resource] of declared) if (made.has(name)) after.set(name, resource);
  const deployment = { before, declared, changed, gone, chances, events, after };
  let left = killedAfter - all.length;
  if (left <= 0 || !made.has(last)) return deployment;

  for (const [index, batch] of batches(before, gone).entries()) {
    const failed = events.filter(({ what }) => what === "fails").map(({ name }) => resourceOf(name));
    const kept = dependenciesOf(before, failed);
    const deleted = batch.filter((name) => !kept.has(name)).map((name) => ({ name: deletion(name), after: [] }));
    const happens = run(deleted, fails, seed + index).slice(0, left);
    left -= happens.length;
    events.push(...happens.filter(({ name }) => before.get(resourceOf(name))?.custom));
    for (const name of ended(happens)) after.delete(resourceOf(name));
    if (left <= 0) break;
  }
  return deployment;
}

/** What is deleted side by side: what nothing else that goes depends on by an edge of its own is deleted first. */
function batches(state: Resources, gone: ReadonlySet<string>): string[][] {
  const left = new Set(gone);
  const found: string[][] = [];
  while (left.size > 0) {
    const batch = [...left].filter((name) => !state.get(name)?.after.some((one) => left.has(one)));
    for (const name of batch) left.delete(name);
    found.unshift(batch);
  }
  return found;
}

/** What a state's resources depend on, directly or through others. */
function dependenciesOf(state: Resources, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const pending = [...names];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const one of state.get(next)?.after ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      pending.push(one);
    }
  }
  return found;
}

/** What a state names that is not in it: with that, no engine takes it. */
export function missing(state: Resources): string[] {
  return [...state].flatMap(([name, { after }]) => after.filter((one) => !state.has(one)).map((one) => `${name} names ${one}`));
}
