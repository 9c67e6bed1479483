import type { AppNamespace } from "./apps.ts";
import { DeclarationError, type Problem, pathOf } from "./problems.ts";

/** Reads the parsed YAML of a `namespace.yaml`, which may add labels and annotations to what its directory says; `file` names it in the error. */
export function parseNamespace(file: string, directory: string, input: unknown): AppNamespace {
  const problems: Problem[] = [];
  const { metadata, ...others } = mapping([], input, problems);
  const { name = directory, labels, annotations, ...rest } = mapping(["metadata"], metadata, problems);
  const foreign = [
    ...Object.keys(others)
      .filter((key) => key !== "apiVersion" && key !== "kind")
      .map((key) => [key]),
    ...Object.keys(rest).map((key) => ["metadata", key]),
  ];
  for (const path of foreign)
    problems.push({ path: pathOf(path), repair: "does nothing here; a namespace.yaml adds labels and annotations" });
  if (name !== directory) problems.push({ path: "metadata.name", repair: `differs from the directory's name, ${directory}` });
  const namespace = {
    name: directory,
    labels: texts(["metadata", "labels"], labels, problems),
    annotations: texts(["metadata", "annotations"], annotations, problems),
  };
  if (problems.length > 0) throw new DeclarationError(file, problems);
  return namespace;
}

function texts(path: readonly string[], input: unknown, problems: Problem[]): Record<string, string> {
  const entries = Object.entries(mapping(path, input, problems));
  for (const [key, value] of entries.filter(([, value]) => typeof value !== "string")) {
    problems.push({ path: pathOf([...path, key]), value, repair: "expected a text; put it in quotes" });
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function mapping(path: readonly string[], input: unknown, problems: Problem[]): Record<string, unknown> {
  if (input === undefined || input === null) return {};
  if (typeof input === "object" && !Array.isArray(input)) return input as Record<string, unknown>;
  problems.push({ path: pathOf(path) || "the file", value: input, repair: "expected a mapping" });
  return {};
}
