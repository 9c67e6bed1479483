import { Document } from "yaml";
import { readerOf, redacted, withheld } from "../redaction.ts";
import { documentsIn, isMapping } from "../yaml.ts";
import { looksRandom } from "./random-looking.ts";

/** Two machine configs for people, written alike, so that a line differs only where something does. */
export interface Comparison {
  readonly declared: string;
  readonly running: string;
}

/** A shorter value is found by chance in other text; it is redacted where it stands, and nowhere else. */
const shortest = 8;
/** Which of the two is there depends on the bundle's age alone: a rendering with made-up secrets cannot know. */
const keysOfTheBundle = ["aescbcEncryptionSecret", "secretboxEncryptionSecret"];

/**
 * Compares what a node runs with what is declared for it. Of the running config nothing is read but what may be shown: it is redacted as
 * `readerOf` does it, and wherever one of the `renderings` has something redacted. Secrets themselves are not compared.
 * @param running as the node has it, with its secrets
 * @param renderings the declared config, redacted, first; then older ones: what was secret there is so here
 * @returns undefined where it cannot be made certain that no secret would be shown
 */
export function compareConfigs(running: string, renderings: readonly [string, ...string[]]): Comparison | undefined {
  const patterns = [readerOf([])(running), ...renderings].map((text) => (text === withheld ? undefined : parsed(text)));
  const plain = parsed(running);
  if (!plain || patterns.includes(undefined)) return undefined;

  const hidden = plain.flatMap((document) => hiddenIn(document, counterparts(document, patterns)));
  const readable = readerOf(hidden.filter((value) => value.length >= shortest));
  // Both go through the same nets, so that neither shows what the other hides.
  const [declared, shown] = [renderings[0], running].map((config) => {
    const text = readable(config);
    return text === withheld ? undefined : parsed(text)?.map((document) => masked(document, counterparts(document, patterns)));
  });
  // A secret that was taken out of the patches may run still: no rendering knows of it.
  const rendered = patterns.slice(1);
  const guarded = shown?.map((document) => withoutRandom(document, "", counterparts(document, rendered)));
  return declared && guarded && { declared: written(declared, declared), running: written(guarded, declared) };
}

function parsed(text: string): unknown[] | undefined {
  return documentsIn(text, { intAsBigInt: true })?.map((document) => document.toJS() as unknown);
}

/** What says which document of a config one is. */
function keyOf(document: unknown): string {
  const { kind = "", name = "" } = isMapping(document) ? document : {};
  return `${kind} ${name}`;
}

function counterparts(document: unknown, patterns: readonly (unknown[] | undefined)[]): unknown[] {
  return patterns.flatMap((documents) => documents?.filter((other) => keyOf(other) === keyOf(document)) ?? []);
}

/** The patterns of a member. In a list each member is held against all: one that was put in front must not bare those behind it. */
function below(patterns: readonly unknown[], key: string | undefined): unknown[] {
  return patterns.flatMap((pattern) => {
    if (key === undefined) return Array.isArray(pattern) ? pattern : [];
    return isMapping(pattern) && Object.hasOwn(pattern, key) ? [pattern[key]] : [];
  });
}

/** The values that stand where a pattern has something redacted. */
function hiddenIn(value: unknown, patterns: readonly unknown[]): string[] {
  if (Array.isArray(value)) {
    const members = patterns.includes(redacted) ? [redacted] : below(patterns, undefined);
    return value.flatMap((member) => hiddenIn(member, members));
  }
  if (isMapping(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      hiddenIn(member, patterns.includes(redacted) ? [redacted] : below(patterns, key)),
    );
  }
  return patterns.includes(redacted) && value !== null && typeof value !== "boolean" ? [String(value)] : [];
}

/** The value, redacted where a pattern is. */
function masked(value: unknown, patterns: readonly unknown[]): unknown {
  if (patterns.includes(redacted) && value !== null && value !== "" && typeof value !== "boolean") return redacted;
  if (Array.isArray(value)) return value.map((member) => masked(member, below(patterns, undefined)));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, masked(member, below(patterns, key))]));
}

/** The value without what looks generated and is in no pattern. An image is named by a hash, and no secret. */
function withoutRandom(value: unknown, key: string, patterns: readonly unknown[]): unknown {
  if (Array.isArray(value)) return value.map((member) => withoutRandom(member, key, below(patterns, undefined)));
  if (isMapping(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutRandom(member, name, below(patterns, name))]));
  }
  const stranger = typeof value === "string" && !patterns.includes(value) && !/image$/i.test(key);
  return stranger && looksRandom(value) ? redacted : value;
}

function written(documents: readonly unknown[], model: readonly unknown[]): string {
  const place = (document: unknown) => {
    const index = model.findIndex((other) => keyOf(other) === keyOf(document));
    return index < 0 ? model.length : index;
  };
  return documents
    .toSorted((one, other) => place(one) - place(other))
    .map((document) => new Document(inOrderOf(withoutBundleKeys(document), model[place(document)])).toString({ lineWidth: 0 }))
    .join("---\n");
}

function withoutBundleKeys(document: unknown): unknown {
  if (!isMapping(document) || !isMapping(document.cluster)) return document;
  const cluster = Object.entries(document.cluster).filter(([key, value]) => !(keysOfTheBundle.includes(key) && value === redacted));
  return { ...document, cluster: Object.fromEntries(cluster) };
}

/** The value with its keys in the model's order: Talos writes a config anew when it changes one, in an order of its own. */
function inOrderOf(value: unknown, model: unknown): unknown {
  if (Array.isArray(value)) return value.map((member, index) => inOrderOf(member, Array.isArray(model) ? model[index] : undefined));
  if (!isMapping(value)) return value;
  const order = isMapping(model) ? Object.keys(model) : [];
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  const keys = Object.keys(value).toSorted((one, other) => place(one) - place(other));
  return Object.fromEntries(keys.map((key) => [key, inOrderOf(value[key], isMapping(model) ? model[key] : undefined)]));
}
