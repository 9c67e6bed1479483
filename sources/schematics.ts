import { Readings } from "../cluster/problems.ts";
import type { Cluster } from "../cluster/schema.ts";
import { parseSchematic, type Schematic } from "../cluster/schematic.ts";
import { readText } from "./files.ts";

/** The schematic of each node, by hostname. Nodes that name the same file share one; what is wrong with any file is told at once. */
export function readSchematics(root: string, { nodes, schematic }: Pick<Cluster, "nodes" | "schematic">): Map<string, Schematic> {
  const readings = new Readings();
  const byFile = new Map<string, Schematic | undefined>();
  const byHostname = new Map<string, Schematic>();
  for (const node of nodes) {
    const file = node.schematic ?? schematic;
    if (!byFile.has(file)) {
      const askedBy = node.schematic ? `${node.hostname}: schematic` : "schematic";
      byFile.set(
        file,
        readings.read(() => parseSchematic(file, readText(root, file, askedBy))),
      );
    }
    const read = byFile.get(file);
    if (read) byHostname.set(node.hostname, read);
  }
  readings.end();
  return byHostname;
}
