import { crossChecks } from "./checks.ts";
import { DeclarationError, problemsOf } from "./problems.ts";
import { type Cluster, clusterSchema, nodeSchema } from "./schema.ts";

/**
 * The declared cluster, from the values of the stack's configuration keys.
 * Throws one DeclarationError that lists everything that is wrong.
 */
export function parseCluster(input: Record<string, unknown>): Cluster {
  const parsed = clusterSchema.safeParse(input);
  if (!parsed.success) throw new DeclarationError("configuration", problemsOf(parsed.error, input, knownKeys));
  const problems = crossChecks(parsed.data);
  if (problems.length > 0) throw new DeclarationError("configuration", problems);
  return parsed.data;
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(clusterSchema.shape);
  if (path[0] === "nodes" && path.length === 2) return Object.keys(nodeSchema.shape);
  if (path[0] === "secrets") return ["source"];
  return ["size", "name", "model", "serial", "modalias", "uuid", "wwid", "type", "busPath"];
}
