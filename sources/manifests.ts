import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Document as YamlDocument } from "yaml";
import type { App, AppNamespace } from "../cluster/apps.ts";
import type { Document, ManifestFolder } from "../cluster/manifests.ts";
import { DeclarationError, type Problem } from "../cluster/problems.ts";
import { documentValue, readYamlText } from "../cluster/yaml.ts";
import { exists, readText } from "./files.ts";

/** Reads the manifests of all namespaces and releases; an error names each file, line and column that is not YAML. */
export function readManifests(
  root: string,
  places: readonly string[],
  namespaces: readonly AppNamespace[],
  apps: readonly App[],
): ManifestFolder[] {
  const problems: Problem[] = [];
  const read = (...path: string[]) =>
    places.flatMap((place) => files(root, join(place, ...path), problems)).flatMap((file) => documents(root, file, problems));
  const found = [
    ...namespaces.map(({ name }) => ({ namespace: name, objects: read(name, "manifests") })),
    ...apps.map(({ namespace, name, lifecycle }) => {
      return { namespace, release: { name, lifecycle }, objects: read(namespace, name, "after") };
    }),
  ];
  if (problems.length > 0) throw new DeclarationError("apps", problems);
  return found.filter(({ objects }) => objects.length > 0);
}

/** The YAML files of a folder that may be absent. A folder in it would be passed over silently, so it is an error. */
function files(root: string, folder: string, problems: Problem[]): string[] {
  if (!exists(root, folder)) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
  for (const entry of entries.filter((each) => each.isDirectory())) {
    problems.push({ path: join(folder, entry.name), repair: "is a folder; manifests are files next to each other" });
  }
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

function documents(root: string, file: string, problems: Problem[]): Document[] {
  const text = readYamlText(file, readText(root, file, "manifests"));
  problems.push(...text.problems);
  if (text.problems.length > 0) return [];
  // What is commented out, and what stands between two separators, says nothing.
  return text.documents
    .map((document) => ({ where: text.at(document.contents?.range[0] ?? 0), content: plain(file, document, problems) }))
    .filter(({ content }) => content !== undefined && content !== null);
}

/** An alias may name nothing, or far too much: that shows only here. */
function plain(file: string, document: YamlDocument.Parsed, problems: Problem[]): unknown {
  try {
    return documentValue(file, document);
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
