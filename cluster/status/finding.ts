import type { State } from "./state.ts";

/** One thing that was looked at, and what came of it. */
export interface Finding {
  readonly about: "machine" | "Talos" | "schematic" | "configuration" | "etcd" | "Kubernetes" | "Node";
  readonly state: State;
  /** For a column of a table. */
  readonly brief: string;
  /** What is there where that is not what is declared, or why it is not known. */
  readonly what?: string;
  /** What a person can do about it. */
  readonly remedy?: string;
}

type About = Finding["about"];

export const fine = (about: About, brief: string): Finding => ({ about, state: "as declared", brief });

export const differs = (about: About, brief: string, what: string, remedy: string): Finding => ({
  about,
  state: "different",
  brief,
  what,
  remedy,
});

export const unclear = (about: About, what: string, remedy?: string): Finding => ({ about, state: "unknown", brief: "?", what, remedy });

/** The declared change is made by an up; what changed behind the stack's back, where an up finds nothing to do, by the script alone. */
export const upOr = (verb: string, hostname?: string): string =>
  `npm run up; where that finds nothing to do, npm run operation -- ${verb}${hostname ? ` ${hostname}` : ""}`;
