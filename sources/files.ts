import { randomUUID } from "node:crypto";
import { type Dirent, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DeclarationError } from "../cluster/problems.ts";
import { isMapping, parseYaml } from "../cluster/yaml.ts";

/** A file's text. A missing one is a DeclarationError that names it, and who asked for it. */
export function readText(root: string, path: string, askedBy: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    if (isMissing(error)) throw new DeclarationError(path, [{ path: askedBy, value: path, repair: "there is no such file" }]);
    throw error;
  }
}

/** A file's YAML; `fallback` where the file may be absent or empty. Text that is not YAML is a DeclarationError with the line. */
export function readYaml(root: string, path: string, askedBy: string, fallback?: unknown): unknown {
  if (fallback !== undefined && !exists(root, path)) return fallback;
  return parseYaml(path, readText(root, path, askedBy)) ?? fallback;
}

/** The mapping in a YAML file, empty where there is no such file. */
export function readMapping(root: string, path: string): Record<string, unknown> {
  const value = readYaml(root, path, path, {});
  if (isMapping(value)) return value;
  throw new DeclarationError(path, [{ path: "the file", value, repair: "expected a mapping" }]);
}

export function exists(root: string, path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
}

/** What is in a folder, in alphabetical order. */
export const entries = (root: string, path: string): string[] => listed(root, path, () => true);

/** The folders in a folder, in alphabetical order. */
export const folders = (root: string, path: string): string[] => listed(root, path, (entry) => entry.isDirectory());

function listed(root: string, path: string, wanted: (entry: Dirent) => boolean): string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => wanted(entry) && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .sort();
}

/** Makes a file appear whole or not at all, even when another run does the same. */
export function writeAtomically(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
