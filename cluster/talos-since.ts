import { kindOf, kinds, machineConfig } from "./talos-keys.ts";
import table from "./talos-since.json" with { type: "json" };
import { isNewerMinor } from "./versions.ts";
import { documentsIn } from "./yaml.ts";

/**
 * What stands in a machine config that a Talos does not know, as far as that is known here: what came with a newer minor version than its own, and
 * documents that came with no version of which anything is known. A Talos that boots with such a config on its disk reads none of it.
 * @param talosVersion such as v1.12.4
 * @throws where the config is no YAML; without the parser's message, which would quote it
 */
export function unknownTo(talosVersion: string, config: string): string[] {
  const documents = documentsIn(config);
  if (!documents) throw new Error("the machine config is no YAML");
  const newer = Object.entries(table.places).flatMap(([since, places]) => (isNewerMinor(since, talosVersion) ? places : []));
  const found = documents.flatMap((document) => {
    const content: unknown = document.toJS();
    const kind = kindOf(content);
    if (!kinds.includes(kind)) return ["a document of a kind that is not known here"];
    return newer.filter((place) => stands(kind === machineConfig ? content : { [kind]: content }, place.split(".")));
  });
  return [...new Set(found)].sort();
}

function stands(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return value !== undefined;
  if (typeof value !== "object" || value === null) return false;
  if (key === "*") return Object.values(value).some((one) => stands(one, rest));
  return Object.hasOwn(value, key) && stands((value as Record<string, unknown>)[key], rest);
}
