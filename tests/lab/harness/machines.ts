/** What became of a lab's machines between two looks. */
import type { Lab, Machine } from "./lab.ts";

export type Machines = Readonly<Record<string, Machine>>;

/** Every machine by its declared hostname. */
export async function look(lab: Lab): Promise<Machines> {
  return Object.fromEntries((await lab.machines()).map((machine) => [machine.name, machine]));
}

/** How often each machine booted since, without those that did not. */
export function boots(before: Machines, after: Machines): Record<string, number> {
  return difference(before, after, "boots");
}

/** How often each machine installed another Talos since, without those that did not. */
export function upgrades(before: Machines, after: Machines): Record<string, number> {
  return difference(before, after, "upgrades");
}

/** The Talos that each machine runs; one that is off runs none. */
export function talosVersions(machines: Machines): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(machines).map(([name, { talosVersion }]) => [name, talosVersion]));
}

function difference(before: Machines, after: Machines, count: "boots" | "upgrades"): Record<string, number> {
  const grown = Object.values(after).map((machine) => [machine.name, machine[count] - (before[machine.name]?.[count] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, by]) => by !== 0));
}
