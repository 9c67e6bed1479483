import { isDeepStrictEqual } from "node:util";
import { documentOf, kindOf, kinds, machineConfig, memberOf, type Reference } from "./talos-keys.ts";
import { documentsIn, isMapping } from "./yaml.ts";

/** A value that two machine configs do not share. */
export interface Change {
  /** The keys that lead to it. What stands in a document other than the machine config itself begins with that document's kind. */
  readonly path: readonly string[];
  /** Undefined where there is none. */
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * What differs between two machine configs, by mapping keys; a list is compared as a whole. What is absent and what is empty are the same, as they are
 * to Talos.
 * @throws where one of them is no YAML; without the parser's message, which would quote it
 */
export function changesBetween(before: string, after: string): Change[] {
  const [old, wanted] = [byName(before), byName(after)];
  return [...new Set([...old.keys(), ...wanted.keys()])].flatMap((name) => {
    const [left, right] = [old.get(name), wanted.get(name)];
    const kind = (left ?? right)?.kind ?? "";
    if (kind !== machineConfig && !(left && right)) return [{ path: [kind], before: left?.content, after: right?.content }];
    return differences(left?.content, right?.content, kind === machineConfig ? [] : [kind]);
  });
}

/**
 * Where a change is, for people: the keys that Talos itself has a name for, three at most. An owner's own keys and all values are left out, since any of
 * them may be a secret.
 */
export function placeOf({ path }: Change): string {
  const [first = "", ...rest] = path;
  const isDocument = kinds.includes(first) && first !== machineConfig;
  const shown = isDocument ? [first] : [];
  let reference: Reference = documentOf(isDocument ? first : machineConfig);
  for (const key of isDocument ? rest : path) {
    if (!reference || /^(\[\]|\{\})/.test(reference) || shown.length === 3) break;
    const member = memberOf(reference, key);
    if ("unknown" in member) break;
    shown.push(key);
    reference = member.reference;
  }
  return shown.length > 0 ? shown.join(".") : "a part that is not known here";
}

function byName(text: string): Map<string, { kind: string; content: unknown }> {
  const documents = documentsIn(text);
  if (!documents) throw new Error("the machine config is no YAML");
  return new Map(
    documents.map((document) => {
      const content = prune(document.toJS());
      const [kind, { name = "" }] = [kindOf(content), (isMapping(content) ? content : {}) as { name?: string }];
      return [`${kind}/${name}`, { kind, content }];
    }),
  );
}

function differences(before: unknown, after: unknown, path: readonly string[]): Change[] {
  if (isMapping(before) || isMapping(after)) {
    const [left, right] = [isMapping(before) ? before : {}, isMapping(after) ? after : {}];
    if ((isMapping(before) || before === undefined) && (isMapping(after) || after === undefined)) {
      return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
        differences(left[key], right[key], [...path, key]),
      );
    }
  }
  return isDeepStrictEqual(before, after) ? [] : [{ path, before, after }];
}

/** Without what says nothing. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value.map(prune) : undefined;
  if (!isMapping(value)) return value === null || value === "" ? undefined : value;
  const entries = Object.entries(value)
    .map(([key, one]) => [key, prune(one)] as const)
    .filter(([, one]) => one !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
