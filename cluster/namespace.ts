import { z } from "zod";
import type { AppNamespace } from "./apps.ts";
import { DeclarationError, problemsOf } from "./problems.ts";

const mapping = { error: "expected a mapping" };
const texts = z.record(z.string(), z.string({ error: "expected a text; put it in quotes" }), mapping).nullish();

/** `apps/<namespace>/namespace.yaml`: a Namespace as Kubernetes has it, of which only labels and annotations say something new. */
const namespaceSchema = (directory: string) =>
  z.strictObject(
    {
      apiVersion: z.literal("v1", { error: "expected v1" }).optional(),
      kind: z.literal("Namespace", { error: "expected Namespace; other objects stand in manifests/" }).optional(),
      metadata: z
        .strictObject(
          {
            name: z.literal(directory, { error: `differs from the directory's name, ${directory}` }).optional(),
            labels: texts,
            annotations: texts,
          },
          mapping,
        )
        .nullish(),
    },
    mapping,
  );

/** Reads the parsed YAML of a `namespace.yaml`, which may add labels and annotations to what its directory says; `file` names it in the error. */
export function parseNamespace(file: string, directory: string, input: unknown): AppNamespace {
  const schema = namespaceSchema(directory);
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new DeclarationError(file, problemsOf(parsed.error, input, schema));
  const { labels, annotations } = parsed.data.metadata ?? {};
  return { name: directory, labels: labels ?? {}, annotations: annotations ?? {} };
}
