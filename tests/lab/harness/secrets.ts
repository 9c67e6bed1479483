/** The secret values of a stack, as its own state knows them, and where they turn up. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { revealed } from "../../../commands/pulumi.ts";

/** The properties of Talos's secrets bundle and of its clients that hold a private key or a token. */
const secretProperty = /^(key|clientKey|secret|token|bootstrapToken|secretboxEncryptionSecret|aescbcEncryptionSecret)$/;

/**
 * The private keys and tokens that the stack's resources hold, from `pulumi stack export --show-secrets`: as they are, once more in base64, and, of keys that
 * are base64 of PEM, each line of the key itself.
 */
export function secretValues(exported: unknown): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner !== "string" || !secretProperty.test(name)) walk(inner);
      else for (const form of formsOf(inner)) found.add(form);
    }
  };
  const { deployment } = revealed(exported) as { deployment: { resources?: { type: string; outputs?: unknown }[] } };
  for (const { type, outputs } of deployment.resources ?? []) if (type.startsWith("talos:")) walk(outputs);
  return [...found];
}

function formsOf(value: string): string[] {
  const decoded = Buffer.from(value, "base64").toString("utf8");
  const lines = decoded.startsWith("-----BEGIN")
    ? decoded.split("\n").filter((line) => line.length >= 40 && !line.startsWith("-----"))
    : [];
  return [value, Buffer.from(value).toString("base64").replace(/=+$/, ""), ...lines];
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
