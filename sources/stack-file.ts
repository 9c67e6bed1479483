import { readdirSync } from "node:fs";
import { configurationIn } from "../cluster/stack-file.ts";
import { readText, readYaml } from "./files.ts";
import { typed } from "./typed.ts";

/** The stack files of a project, in alphabetical order. */
export function stackFiles(root: string): string[] {
  return readdirSync(root)
    .filter((file) => /^Pulumi\..+\.ya?ml$/.test(file))
    .sort();
}

/** The configuration in a stack file, as Pulumi would hand it to the program. */
export function readStackFile(root: string, file: string): Record<string, unknown> {
  const { name } = readYaml(root, "Pulumi.yaml", "the project") as { name: string };
  const configuration = configurationIn(file, readText(root, file, "stack file"), name);
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [key, typed(key, typeof value === "string" ? value : JSON.stringify(value))]),
  );
}
