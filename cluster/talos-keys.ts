import table from "./talos-keys.json" with { type: "json" };

/** What may stand at a place in a Talos document: a named type, a list or a mapping of what one refers to, or anything ("" and undefined). */
export type Reference = string | undefined;

const types: Readonly<Record<string, Readonly<Record<string, string>>>> = table.types;
const documents: Readonly<Record<string, string>> = table.documents;

/** The kinds of documents that Talos knows. */
export const kinds: readonly string[] = Object.keys(documents);

/** The one of the machine config itself, which names none. */
export const machineConfig = "v1alpha1";

/** The kind of a document that Talos has taken, by its content. */
export function kindOf(content: unknown): string {
  const { kind } = (content ?? {}) as { kind?: unknown };
  return typeof kind === "string" ? kind : machineConfig;
}

export function documentOf(kind: string): Reference {
  return Object.hasOwn(documents, kind) ? documents[kind] : undefined;
}

/** What may stand in the elements of a list. */
export function elementOf(reference: Reference): Reference {
  return reference?.startsWith("[]") ? reference.slice(2) : undefined;
}

/** What may stand under a key; `unknown` with the known keys where the key does not belong there. */
export function memberOf(reference: Reference, key: string): { reference: Reference } | { unknown: readonly string[] } {
  if (!reference || reference.startsWith("[]")) return { reference: undefined };
  if (reference.startsWith("{}")) return { reference: reference.slice(2) };
  const keys = types[reference] ?? {};
  return Object.hasOwn(keys, key) ? { reference: keys[key] } : { unknown: Object.keys(keys) };
}
