import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeStatus } from "../../cluster/status/status.ts";
import { unifiedDifference } from "../git.ts";

/** How the machine configs that differ do so, by hostname: what an up would take away and put in. */
export async function differencesOf(nodes: readonly NodeStatus[], folder: string): Promise<Map<string, string>> {
  const different = nodes.filter(({ config }) => config !== undefined);
  return new Map(await Promise.all(different.map(async (node) => [node.hostname, await differenceOf(node, folder)] as const)));
}

async function differenceOf({ hostname, config }: NodeStatus, folder: string): Promise<string> {
  const own = join(folder, hostname);
  await mkdir(own);
  for (const side of ["running", "declared"] as const) await writeFile(join(own, side), config?.[side] ?? "");
  const lines = (await unifiedDifference(own, "running", "declared")).split("\n");
  // git's own heading says nothing more.
  return lines.slice(lines.findIndex((line) => line.startsWith("--- "))).join("\n");
}
