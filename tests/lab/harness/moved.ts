/** A copy of a folder that a stack names, its addresses moved to the test's own. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { root } from "./lab.ts";

/** Where the copy is, for the stack file. It goes with the test. The lab itself leaves patches and manifests as they are. */
export function movedCopy(folder: string, name: string, move: (text: string) => string): string {
  const path = `.lab/tests/${name}`;
  const copy = join(root, path);
  const remove = () => rmSync(copy, { recursive: true, force: true });
  remove();
  onTestFinished(remove);
  cpSync(join(root, folder), copy, { recursive: true });
  const files = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => join(entry.parentPath, entry.name))) writeFileSync(file, move(readFileSync(file, "utf8")));
  return path;
}

/** What phoebe's endpoint needs under apps/, at another address. */
export const endpointApps = (name: string, address: string): string =>
  movedCopy("stacks/phoebe/apps", `${name}-apps`, (text) => text.replaceAll("10.80.0.8", address));
