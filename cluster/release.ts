import { z } from "zod";
import { DeclarationError, problemsOf } from "./problems.ts";

/** `apps/<namespace>/<release>/release.yaml`. */
export const releaseSchema = z.strictObject({
  chart: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, { error: "expected the chart's name alone; where it lies is the repository" }),
  version: z.string().regex(/^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/, {
    error: "expected one exact version, for example 1.20.1: a range would move by itself",
  }),
  repository: z
    .string()
    .regex(/^(https?|oci):\/\/[^@\s]+[^/@\s]$/, { error: "expected https://… or oci://… without a slash at its end" })
    .describe("The chart repository: https://… with an index.yaml, or oci://… above the chart's name"),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, { error: "expected sha256: and 64 hexadecimal digits" })
    .optional()
    .describe("SHA-256 of the chart archive; a chart that has another is refused"),
  lifecycle: z
    .enum(["managed", "bootstrap"])
    .describe("managed: changes here are rolled out. bootstrap: installed once, then left to Flux, and kept when removed here"),
  cni: z
    .boolean()
    .default(false)
    .describe("This release brings the cluster's network: nodes get ready by it, all other releases wait for them"),
  after: z
    .array(z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, { error: "expected <namespace>/<release>" }))
    .default([])
    .describe("Releases that are to be ready before this one"),
  crds: z
    .boolean()
    .default(false)
    .describe("The chart's custom resource definitions are applied before all releases, and upgraded, which Helm itself does not do"),
  timeout: z.int().min(1).default(600).describe("Seconds until an install or upgrade counts as failed"),
});

export type Release = z.output<typeof releaseSchema>;

/** Reads the parsed YAML of a `release.yaml`; `file` names it in the error. */
export function parseRelease(file: string, input: unknown): Release {
  const parsed = releaseSchema.safeParse(input ?? {});
  if (!parsed.success) throw new DeclarationError(file, problemsOf(parsed.error, input, releaseSchema));
  return parsed.data;
}
