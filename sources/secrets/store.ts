import type { Located, Values } from "../../cluster/secrets/references.ts";
import { UserError } from "../../cluster/user-error.ts";

/** What a store says about one reference: its value, or a sentence without a subject that says why there is none. */
export type Answer = { value: string } | { why: string };

/** Where the values of references are kept: 1Password, or the lab's file. */
export interface SecretStore {
  /** All at once: each call costs reads of a limited number. Throws StoreUnreachable where it cannot even be asked. */
  resolveAll(references: readonly string[]): Promise<ReadonlyMap<string, Answer>>;
}

/** No reference could be asked for. The message says why and what to do, and names no secret. */
export class StoreUnreachable extends UserError {}

/** Asks for each of the references once, however often it is written. */
export function askFor(located: readonly Located[], store: SecretStore): Promise<ReadonlyMap<string, Answer>> {
  return store.resolveAll([...new Set(located.map(({ reference }) => reference))]);
}

/** The values among answers. */
export function valuesOf(answers: ReadonlyMap<string, Answer>): Values {
  return new Map([...answers].flatMap(([reference, answer]) => ("value" in answer ? [[reference, answer.value]] : [])));
}
