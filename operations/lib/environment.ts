import { isIP } from "node:net";
import { z } from "zod";
import { certificateAuthority } from "../../cluster/secrets/authority.ts";
import { exits, Failure } from "./failure.ts";

const name = z.string().min(1, "is empty");
const hostname = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, "is no hostname");
const address = z.string().refine((value) => isIP(value) !== 0, "is no IP address");
const node = z.strictObject({ hostname, address });

/** A node as a script is told of it. */
export type Node = z.infer<typeof node>;

/** Every variable that a script may ask for; the description is what `--help` shows. */
export const variables = {
  CLUSTER_NAME: name.describe("the cluster's name"),
  CLUSTER_ID: name.describe("the cluster's ID, as in its secrets bundle: the lock's key"),
  TALOS_CA: json(z.strictObject({ cert: z.string(), key: z.string() }))
    .transform((pair, context) => {
      try {
        return certificateAuthority(pair);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
        return z.NEVER;
      }
    })
    .describe('secret: {"cert", "key"}, Talos\'s CA as in the secrets bundle\'s certs.os'),
  NODE_HOSTNAME: hostname.describe("the node's hostname"),
  NODE_ADDRESS: address.describe("the node's IP address"),
  NODE_ROLE: z.enum(["controlplane", "worker"], "is neither controlplane nor worker").describe("controlplane or worker"),
  CONTROL_PLANE: json(z.array(node).min(1, "is empty"))
    .refine((nodes) => new Set(nodes.map((one) => one.address)).size === nodes.length, "names an address twice")
    .refine((nodes) => new Set(nodes.map((one) => one.hostname)).size === nodes.length, "names a hostname twice")
    .describe("every declared control plane node: [{hostname, address}]"),
  API_ADDRESS: address.describe("the IP address of a control plane node whose Kubernetes API is asked"),
  ALLOW_DESTROY: z
    .enum(["true", "false"], "is neither true nor false")
    .transform((value) => value === "true")
    .describe("whether the cluster may be destroyed"),
  NODE_TIMEOUT: z.coerce
    .number("is no number")
    .positive("is not positive")
    .default(600)
    .describe("optional: seconds to wait for a node, 600 unless given"),
  ENGINE: z
    .enum(["pulumi"], "is not pulumi")
    .optional()
    .describe("optional: pulumi, where a Pulumi engine starts the script; without that engine it then does nothing"),
} as const;

/** The name of a variable. */
export type Variable = keyof typeof variables;

/** The parsed values of some variables. */
export type Environment<V extends Variable> = { readonly [K in V]: z.output<(typeof variables)[K]> };

const secret: ReadonlySet<string> = new Set<Variable>(["TALOS_CA"]);

/** Reads variables; a failure names everything that is wrong with them at once, and no secret. */
export function readEnvironment<V extends Variable>(names: readonly V[], from: NodeJS.ProcessEnv): Environment<V> {
  const problems: string[] = [];
  const values = names.map((key) => {
    const given = from[key];
    const parsed = variables[key].safeParse(given);
    if (parsed.success) return [key, parsed.data];
    if (given === undefined) problems.push(`${key} is not set: ${variables[key].description}.`);
    for (const { path, message } of given === undefined ? [] : parsed.error.issues) {
      const shown = secret.has(key) ? "" : `=${JSON.stringify(given)}`;
      problems.push(`${key}${shown} ${path.length > 0 ? `at ${path.join(".")}: ` : ""}${message}.`);
    }
    return [key, undefined];
  });
  if (problems.length > 0) throw new Failure(problems.join("\n"), exits.badInput);
  return Object.fromEntries(values) as Environment<V>;
}

function json<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "is no JSON" }); // the parser's message would quote it
        return z.NEVER;
      }
    })
    .pipe(schema);
}
