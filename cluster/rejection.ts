import { isMap, isScalar, parseAllDocuments, visit } from "yaml";
import { redacted } from "./redaction.ts";

/** Values that are no secret, whatever their key. */
const plain = [
  /^(true|false|null|v1alpha1|controlplane|worker|\d{1,9}|v?\d+\.\d+(\.\d+)?)$/,
  /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/,
  /^(?=.*:.*:)[\da-f:]+(\/\d+)?$/, // IPv6
  /^\/(dev|etc|opt|proc|run|sys|usr|var)(\/[\w.-]+)*$/,
  /^[\w.-]+(:\d+)?(\/[\w.-]+)+:v\d+\.\d+\.\d+$/, // an image
  /^https?:\/\/[\w.-]+(:\d+)?\/?$/,
];
/** Talos prints what it does not know with all that stands under it. */
const dump = /unknown keys found during decoding:[\s\S]*$/;
const quoted = /`[^`]*`|"[^"]*"|'[^']*'/g;

/**
 * What Talos said of a machine config that it refuses, without what it may have quoted of it: names of keys stay, and so do values that by their form are
 * no secret; whatever else the config holds goes.
 */
export function sayable(words: string, machineConfig: string): string {
  const { keys, values } = wordsOf(machineConfig);
  const isSayable = (text: string) => keys.has(text) || plain.some((form) => form.test(text));
  let said = words
    .trim()
    .replace(/\s+/g, " ")
    .replace(dump, (text) => {
      const known = [...new Set(text.match(/[\w.-]+(?=:(\s|$))/g) ?? [])].filter((key) => keys.has(key) && key !== "decoding");
      return `unknown keys found during decoding, among: ${known.join(", ")}`;
    });
  said = said.replace(quoted, (text) => (isSayable(text.slice(1, -1)) ? text : `${text[0]}${redacted}${text[0]}`));
  for (const value of values) if (!isSayable(value)) said = said.replaceAll(value, redacted);
  return said;
}

/** Its keys; its values and their lines, since talosctl's words come on one; the longest first. */
function wordsOf(machineConfig: string): { keys: Set<string>; values: string[] } {
  const [keys, values] = [new Set<string>(), new Set<string>()];
  for (const document of parseAllDocuments(machineConfig, { strict: false })) {
    if (!("contents" in document)) continue;
    visit(document, {
      Scalar: (position, node) => {
        if (position === "key") return;
        for (const text of [String(node.value), node.source ?? ""])
          for (const part of [text, ...text.split("\n")]) values.add(part.trim().replace(/\s+/g, " "));
      },
      Map: (_, node) => {
        for (const { key } of isMap(node) ? node.items : [])
          if (isScalar(key) && /^[A-Za-z]\w*$/.test(String(key.value))) keys.add(String(key.value));
      },
    });
  }
  const telling = [...values].filter((value) => value.length > 2); // shorter ones are in every other word
  return { keys, values: telling.sort((a, b) => b.length - a.length) };
}
