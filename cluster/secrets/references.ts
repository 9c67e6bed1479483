import { isPair, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from "yaml";
import { type Problem, pathOf } from "../problems.ts";

/** A place in a file whose value is kept in 1Password. */
export interface Located {
  /** `op://vault/item/field`, with a section between item and field where there is one. */
  reference: string;
  /** The file with the line, and the key. */
  path: string;
}

/** Values by reference. */
export type Values = ReadonlyMap<string, string>;

export const isReference = (value: unknown): value is string => typeof value === "string" && value.startsWith("op://");

/** What is wrong with how a reference is written. 1Password itself says the rest. */
export function malformed(reference: string): string | undefined {
  const [path = ""] = reference.slice("op://".length).split("?", 1);
  const parts = path.split("/");
  if (parts.length >= 3 && parts.length <= 4 && parts.every((part) => part.trim() !== "")) return undefined;
  return "is no reference; expected op://<vault>/<item>/<field>, or op://<vault>/<item>/<section>/<field>";
}

/** The references of a YAML text of any number of documents, in their order. */
export function referencesIn(file: string, text: string): Located[] {
  return found(text)
    .filter(({ value, isKey }) => isReference(value) && !isKey)
    .map(({ value, line, key }) => ({ reference: value, path: `${file}:${line}${key ? `: ${key}` : ""}` }));
}

/** What would reach a node as it stands, because it only looks like a reference. */
export function strayReferences(file: string, text: string): Problem[] {
  return found(text).flatMap(({ value, line, key, isKey }) => {
    const longer = isKey || !isReference(value);
    const repair = longer ? "op:// stands inside of a longer text; a reference has to be the whole value" : malformed(value);
    return repair ? [{ path: `${file}:${line}${key ? `: ${key}` : ""}`, repair }] : [];
  });
}

/** Every mention of 1Password in a file in which none is resolved. `instead` says where the value belongs. */
export function unresolvedReferences(file: string, text: string, instead: string): Problem[] {
  return found(text).map(({ line, column, key }) => ({
    path: `${file}:${line}:${column}${key ? `: ${key}` : ""}`,
    repair: `op:// is not resolved here and would be taken as it stands; ${instead}`,
  }));
}

/** The text with each reference's value in its place; everything else stays as it was written. */
export function fill(text: string, values: Values): string {
  return found(text)
    .filter(({ value, isKey }) => values.has(value) && !isKey)
    .reverse()
    .reduce((filled, { value, start, end, block }) => {
      // Any JSON string is a YAML string on one line.
      return `${filled.slice(0, start)}${JSON.stringify(values.get(value))}${block ? "\n" : ""}${filled.slice(end)}`;
    }, text);
}

interface Found {
  value: string;
  key: string;
  /** Whether it is a key itself, as in `{{ op://… }}`, which YAML reads as a mapping. */
  isKey: boolean;
  line: number;
  column: number;
  start: number;
  end: number;
  /** Whether it is a block of lines, whose end takes the line break along. */
  block: boolean;
}

/** All scalars that mention op://. Text that is not YAML has none: its reader says what is wrong with it. */
function found(text: string): Found[] {
  if (!text.includes("op://")) return [];
  const lines = new LineCounter();
  const all: Found[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines })) {
    visit(document, {
      Scalar(position, node, ancestors) {
        if (typeof node.value !== "string" || !node.value.includes("op://") || !node.range) return;
        const [start, end] = node.range;
        const block = node.type === "BLOCK_FOLDED" || node.type === "BLOCK_LITERAL";
        const value = block ? node.value.trim() : node.value;
        const isKey = position === "key";
        const key = keyOf(position, isKey ? ancestors.slice(0, -1) : ancestors);
        const { line, col: column } = lines.linePos(start);
        all.push({ value, key, isKey, line, column, start, end, block });
      },
    });
  }
  return all;
}

/** The keys and places that lead to a node. */
function keyOf(position: number | string | null, ancestors: readonly unknown[]): string {
  const path = ancestors.flatMap((ancestor, index): PropertyKey[] => {
    if (isPair(ancestor)) return isScalar(ancestor.key) ? [String(ancestor.key.value)] : [];
    if (!isSeq(ancestor)) return [];
    const next = ancestors[index + 1];
    return [next === undefined ? Number(position) : ancestor.items.indexOf(next)];
  });
  return pathOf(path);
}
