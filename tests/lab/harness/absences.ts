/** Who was away when, from what the lab records of its machines. */
import type { Absence, Machine } from "./lab.ts";

/** Two machines that were away at the same time. */
export interface Overlap {
  readonly first: string;
  readonly second: string;
  /** When both were away, in milliseconds since 1970; without an end while they still are. */
  readonly from: number;
  readonly until: number;
}

/** Every time at which two of the machines were away together, in order. One whose return is the other's departure was not. */
export function overlaps(machines: readonly Pick<Machine, "name" | "absences">[]): Overlap[] {
  const all = machines.flatMap(({ name, absences }) => absences.map((absence) => ({ name, ...span(absence) })));
  return all
    .flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter((other) => other.name !== one.name)
        .map((other) => ({
          first: one.name,
          second: other.name,
          from: Math.max(one.from, other.from),
          until: Math.min(one.until, other.until),
        })),
    )
    .filter(({ from, until }) => from < until)
    .sort((a, b) => a.from - b.from);
}

/** The machines in the order in which they went away, each as often as it did; for one reason alone where one is given. */
export function departures(machines: readonly Pick<Machine, "name" | "absences">[], why?: string): string[] {
  return machines
    .flatMap(({ name, absences }) => absences.map((absence) => ({ name, why: absence.why, at: span(absence).from })))
    .filter((absence) => why === undefined || absence.why === why)
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
}

function span({ since, until }: Absence): { from: number; until: number } {
  return { from: Date.parse(since), until: until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until) };
}
