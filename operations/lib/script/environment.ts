import { z } from "zod";
import { hostnamePattern } from "../../../cluster/hostname.ts";
import { talosAuthority } from "../../../cluster/secrets/authority.ts";
import { releasePattern } from "../../../cluster/versions.ts";
import { exits, Failure } from "./failure.ts";

const name = z.string().min(1, "is empty");
const hostname = z.string().regex(hostnamePattern, "is no hostname of lower-case letters, digits and dashes");
const address = z.ipv4("is no IPv4 address");
const node = z.strictObject({ hostname, address });
const role = z.enum(["controlplane", "worker"], "is neither controlplane nor worker");
const schematicId = z.string().regex(/^[0-9a-f]{64}$/, "is no schematic ID, which has 64 hexadecimal digits");
const version = z.string().regex(releasePattern, "is no version such as v1.13.3");
const seconds = z.coerce.number("is no number").positive("is not positive");
const allowed = z
  .enum(["true", "false"], "is neither true nor false")
  .default("false")
  .transform((value) => value === "true");
const nodes = <S extends z.ZodType<{ hostname: string; address: string }>>(one: S) =>
  json(z.array(one).min(1, "is empty"))
    .refine((all) => new Set(all.map(({ address }) => address)).size === all.length, "names an address twice")
    .refine((all) => new Set(all.map(({ hostname }) => hostname)).size === all.length, "names a hostname twice");

/** A node as a script is told of it. */
export type Node = z.infer<typeof node>;

/** Every variable that a script may ask for; the description is what `--help` shows. */
export const variables = {
  CLUSTER_NAME: name.describe("the cluster's name"),
  CLUSTER_ID: name.describe("the cluster's ID, as in its secrets bundle: the lock's key"),
  TALOS_CA: json(z.strictObject({ cert: z.string(), key: z.string() }))
    .transform((pair, context) => {
      try {
        return talosAuthority(pair);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
        return z.NEVER;
      }
    })
    .describe('secret: {"cert", "key"}, Talos\'s CA as in the secrets bundle\'s certs.os'),
  NODE_HOSTNAME: hostname.describe("the node's hostname"),
  NODE_ADDRESS: address.describe("the node's IP address"),
  NODE_ROLE: role.describe("controlplane or worker"),
  NODE_GENERATION: z.coerce
    .number("is no number")
    .int("is no whole number")
    .nonnegative("is negative")
    .describe("the node's generation in the stack file, raised when its machine came back empty"),
  CONTROL_PLANE: nodes(node).describe("every declared control plane node: [{hostname, address}]"),
  NODES: nodes(node.extend({ role, schematicId })).describe("every declared node: [{hostname, address, role, schematicId}]"),
  TALOS_VERSION: version.describe("the declared Talos version, such as v1.13.3"),
  KUBERNETES_VERSION: version.describe("the declared Kubernetes version, such as v1.36.3"),
  SCHEMATIC_ID: schematicId.describe("the ID of the node's declared schematic"),
  INSTALLER_IMAGE: name.describe("the installer image of that schematic and Talos version"),
  ENDPOINT: z.url({ protocol: /^https$/, error: "is no https URL" }).describe("the cluster's endpoint, such as https://10.80.0.8:6443"),
  BACKUP_DIR: name.describe("the folder for etcd snapshots"),
  DRAIN_TIMEOUT: seconds.describe("seconds until a drain gives up"),
  API_ADDRESS: address.describe(
    "the IP address of a control plane node, whose Kubernetes API is asked where none answers that the node itself knows",
  ),
  ALLOW_DOWNGRADE: allowed.describe("optional: true allows an older Talos than runs"),
  ALLOW_QUORUM_LOSS: allowed.describe("optional: true allows one of two etcd members to go away, which stops etcd meanwhile"),
  ALLOW_DESTROY: z
    .enum(["true", "false"], "is neither true nor false")
    .transform((value) => value === "true")
    .describe("whether the cluster may be destroyed"),
  NODE_TIMEOUT: seconds.optional().describe("optional: seconds to wait for a node in this run, whatever is declared"),
  DECLARED_NODE_TIMEOUT: seconds.default(600).describe("optional: the stack file's nodeTimeout, 600 unless given"),
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
