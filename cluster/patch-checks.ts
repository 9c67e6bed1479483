import { type Document, isMap, isScalar, isSeq, type YAMLMap, type Node as YamlNode } from "yaml";
import type { PatchFile } from "./patches.ts";
import type { Problem } from "./problems.ts";
import { refusal } from "./refused-values.ts";
import { didYouMean } from "./suggest.ts";
import { documentOf, elementOf, kinds, machineConfig, memberOf, type Reference } from "./talos-keys.ts";
import { isNewerMinor } from "./versions.ts";
import { readYamlText, type YamlText } from "./yaml.ts";

/**
 * What is wrong with patches, as Talos would say when the first node is configured, or not say at all.
 * `folder` is where the patches lie, for the places in the problems.
 */
export function patchProblems(folder: string, files: readonly PatchFile[], talosContract: string | undefined): Problem[] {
  const texts = files.map(({ path, text }) => readYamlText(`${folder}/${path}`, text));
  // From 1.12 on Talos itself writes a config of several documents; before, a patch that adds one does.
  const severalDocuments =
    (talosContract !== undefined && !isNewerMinor("v1.12", talosContract)) ||
    texts.some(({ documents }) => documents.some(({ contents }) => isMap(contents) && contents.has("kind")));
  return texts.flatMap((text) => (text.problems.length > 0 ? text.problems : new PatchCheck(text, severalDocuments).problems()));
}

/** Where a mapping stands, for what `$patch: delete` means there. */
type Where = "document" | "value" | "element" | "inside an element";

/** The checks of one patch file. */
class PatchCheck {
  readonly #text: YamlText;
  readonly #severalDocuments: boolean;
  readonly #problems: Problem[] = [];

  constructor(text: YamlText, severalDocuments: boolean) {
    this.#text = text;
    this.#severalDocuments = severalDocuments;
  }

  problems(): readonly Problem[] {
    const documents = this.#text.documents.filter(({ contents }) => !isEmpty(contents));
    if (documents.length === 0) this.#add(0, "is empty; write what it is to change, or remove the file");
    const names = new Set<string>();
    for (const document of documents) this.#document(document, documents.length > 1, names);
    return this.#problems;
  }

  #document({ contents }: Document.Parsed, amongOthers: boolean, names: Set<string>): void {
    if (isSeq(contents)) this.#operations(contents, amongOthers);
    else if (isMap(contents)) this.#named(contents, names);
    else this.#add(offset(contents), "expected a mapping: a part of a machine config, or a document with its kind");
  }

  #named(document: YAMLMap, names: Set<string>): void {
    const kind = this.#kind(document);
    if (kind === undefined) return;
    const name = [kind, text(document, "name")].join(" ").trim();
    if (names.has(name)) this.#add(offset(document), `is a second document ${name} in this file; Talos takes one`);
    names.add(name);
    this.#mapping(document, documentOf(kind), [], "document");
  }

  /** The document's kind, if Talos knows it. A machine config itself has none. */
  #kind(document: YAMLMap): string | undefined {
    const kind = text(document, "kind");
    // As Talos does: these keys make a document the machine config, whatever else stands in it.
    const isMachineConfig = ["machine", "cluster", "debug", "persist"].some((key) => document.has(key));
    if (!document.has("kind") && (isMachineConfig || !document.has("apiVersion"))) return machineConfig;
    if (!kind || !documentOf(kind)) {
      this.#add(
        offset(document),
        kind ? `kind ${kind} is none of Talos's${meant(kind, kinds)}` : "has no kind; name Talos's kind of document",
      );
      return undefined;
    }
    if (text(document, "apiVersion") !== "v1alpha1" && kind !== machineConfig) {
      this.#add(offset(document), `a document with a kind has apiVersion: v1alpha1 too`);
    }
    return kind;
  }

  /** A JSON 6902 patch: a list of operations. */
  #operations(list: { items: unknown[] } & YamlNode, amongOthers: boolean): void {
    if (this.#severalDocuments || amongOthers) {
      const why = "is a JSON 6902 patch, which Talos does not take where a machine config has several documents";
      this.#add(offset(list), `${why}; write the part of the config that is to change (a strategic merge patch)`);
      return;
    }
    for (const item of list.items) {
      if (isMap(item) && text(item, "op") && text(item, "path")) {
        this.#operation(text(item, "path")?.slice(1).replaceAll("/", ".") ?? "", item.get("value", true), offset(item));
        continue;
      }
      this.#add(offset(item) || offset(list), "expected an operation of a JSON 6902 patch, with op and path");
    }
  }

  #value(node: unknown, reference: Reference, path: readonly string[], where: Where): void {
    if (isMap(node)) this.#mapping(node, reference, path, where);
    if (!isSeq(node)) return;
    for (const [index, item] of node.items.entries()) {
      const place = [...path.slice(0, -1), `${path.at(-1) ?? ""}[${index}]`];
      this.#value(item, elementOf(reference), place, "element");
    }
  }

  #mapping(node: YAMLMap, reference: Reference, path: readonly string[], where: Where): void {
    for (const { key: keyNode, value } of node.items) {
      const key = keyText(keyNode);
      const place = [...path, key];
      if (key === "$patch") {
        this.#directive(node, value, offset(keyNode), where);
        continue;
      }
      const member = memberOf(reference, key);
      if ("unknown" in member) {
        this.#add(offset(keyNode), `${place.join(".")} is not a key that Talos knows${meant(key, member.unknown)}`);
      } else {
        this.#refused(place.join("."), value, offset(keyNode));
        this.#value(value, member.reference, place, where === "element" || where === "inside an element" ? "inside an element" : "value");
      }
    }
  }

  /** What an operation sets, and all that is in it. */
  #operation(place: string, value: unknown, at: number): void {
    this.#refused(place, value, at);
    if (isMap(value)) for (const { key, value: member } of value.items) this.#operation(`${place}.${keyText(key)}`, member, offset(key));
  }

  #refused(place: string, value: unknown, at: number): void {
    const repair = refusal(place, isScalar(value) ? value.value : (value ?? undefined));
    if (repair) this.#add(at, repair);
  }

  #directive(node: YAMLMap, value: unknown, at: number, where: Where): void {
    if (!isScalar(value) || value.value !== "delete") this.#add(at, "expected $patch: delete, the only one there is");
    else if (where === "inside an element") this.#add(at, "$patch: delete does not reach into the element of a list; delete the element");
    else if (where === "element" && node.items.length < 2) {
      this.#add(at, "$patch: delete in a list needs a key beside it that says which element, for example its name");
    }
  }

  #add(at: number, repair: string): void {
    this.#problems.push({ path: this.#text.at(at), repair });
  }
}

function isEmpty(contents: unknown): boolean {
  if (contents === null || contents === undefined) return true;
  if (isScalar(contents)) return contents.value === null;
  return isMap(contents) && contents.items.length === 0;
}

function offset(node: unknown): number {
  return (node as YamlNode | null | undefined)?.range?.[0] ?? 0;
}

/** A key as it was written. YAML's `<<`, which Talos does not take, is a symbol here; a list or a mapping can be a key too. */
function keyText(key: unknown): string {
  if (!isScalar(key)) return "(a key that is no word)";
  return typeof key.value === "symbol" ? (key.value.description ?? "") : String(key.value);
}

/** The text under a key, if it is one. */
function text(map: YAMLMap, key: string): string | undefined {
  const value: unknown = map.get(key);
  return typeof value === "string" ? value : undefined;
}

function meant(word: string | undefined, known: readonly string[]): string {
  return didYouMean(word ?? "", known, known.length > 0 ? `; known are ${[...known].sort().join(", ")}` : "");
}
