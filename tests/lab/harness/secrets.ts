/** The secret values of a stack, as its own state knows them, and where they turn up. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const signatureKey = "4dabf18193072939515e22adb298388d";

/**
 * Every secret string of `pulumi stack export --show-secrets`, also those inside YAML and base64 (a machine configuration's tokens and keys);
 * short ones are left out, since they would be found everywhere.
 */
export function secretValues(exported: unknown): string[] {
  const found = new Set<string>();
  const add = (text: string) => {
    for (const value of [text, Buffer.from(text).toString("base64"), ...tokensOf(text)]) if (value.length >= 16) found.add(value);
  };
  const strings = (value: unknown): void => {
    if (typeof value === "string") add(value);
    else if (value !== null && typeof value === "object") Object.values(value).forEach(strings);
  };
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    const record = value as Record<string, unknown>;
    if (record[signatureKey] === secretSignature)
      strings(typeof record.plaintext === "string" ? JSON.parse(record.plaintext) : record.plaintext);
    else Object.values(record).forEach(walk);
  };
  walk(exported);
  return [...found];
}

/** A part of `pulumi stack export --show-secrets` with each secret as its plain value. */
export function revealed(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revealed);
  const record = value as Record<string, unknown>;
  if (record[signatureKey] === secretSignature) return revealed(JSON.parse(String(record.plaintext)));
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, revealed(inner)]));
}

/** What is secret in a machine configuration or a kubeconfig that is secret as a whole. */
function tokensOf(text: string): string[] {
  return [...text.matchAll(/^\s*(?:key|secret|token|bootstrapToken|secretboxEncryptionSecret|client-key-data): (\S{16,})$/gm)].map(
    (match) => match[1] ?? "",
  );
}

/** The files under the folders that hold any of the values. A folder that is missing fails: nothing would be looked at. */
export function filesHolding(values: readonly string[], folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    if (!existsSync(folder)) throw new Error(`${folder} is not there`);
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .filter((path) => {
        const text = readFileSync(path, "utf8");
        return values.some((value) => text.includes(value));
      });
  });
}
