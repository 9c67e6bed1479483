import { crossChecks } from "./checks.ts";
import { DeclarationError, problemsOf } from "./problems.ts";
import { type Cluster, clusterSchema } from "./schema.ts";

/**
 * The declared cluster, from the values of the stack's configuration keys.
 * Throws one DeclarationError that lists everything that is wrong.
 */
export function parseCluster(input: Record<string, unknown>): Cluster {
  const parsed = clusterSchema.safeParse(input);
  const problems = parsed.success
    ? crossChecks(parsed.data)
    : [...problemsOf(parsed.error, input, clusterSchema), ...crossChecks(wellFormed(input))];
  if (problems.length > 0 || !parsed.success) throw new DeclarationError("configuration", problems);
  return parsed.data;
}

/** The keys of a configuration that are right by themselves. */
export function wellFormed(input: Record<string, unknown>): Partial<Cluster> {
  return Object.fromEntries(
    Object.entries(clusterSchema.shape).flatMap(([key, schema]) => {
      const parsed = schema.safeParse(input[key]);
      return parsed.success ? [[key, parsed.data]] : [];
    }),
  );
}
