import type { Cluster } from "../cluster/schema.ts";
import { parseSchematic, type Schematic } from "../cluster/schematic.ts";
import { readText } from "./files.ts";

/** The schematic of each node, by hostname. Nodes that name the same file share one. */
export function readSchematics(root: string, cluster: Cluster): Map<string, Schematic> {
  const byFile = new Map<string, Schematic>();
  return new Map(
    cluster.nodes.map((node) => {
      const file = node.schematic ?? cluster.schematic;
      const schematic =
        byFile.get(file) ?? parseSchematic(file, readText(root, file, node.schematic ? `${node.hostname}: schematic` : "schematic"));
      byFile.set(file, schematic);
      return [node.hostname, schematic];
    }),
  );
}
