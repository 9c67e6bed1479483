import * as v from "valibot"; // loads in a tenth of the time that zod does, which each script would spend
import { certificateAuthority } from "../../cluster/secrets/authority.ts";
import { releasePattern } from "../../cluster/versions.ts";
import { exits, Failure } from "./failure.ts";

const text = v.string("is no text");
const matching = (pattern: RegExp, problem: string) => v.pipe(text, v.regex(pattern, problem));
const name = v.pipe(text, v.nonEmpty("is empty"));
const hostname = matching(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, "is no hostname");
const address = v.pipe(text, v.ipv4("is no IPv4 address"));
const role = v.picklist(["controlplane", "worker"], "is neither controlplane nor worker");
const schematicId = matching(/^[0-9a-f]{64}$/, "is no schematic ID, which has 64 hexadecimal digits");
const version = matching(releasePattern, "is no version such as v1.13.3");
const number = v.pipe(text, v.transform(Number), v.number("is no number"), v.finite("is no number"));
const seconds = v.pipe(number, v.gtValue(0, "is not positive"));
const allowed = v.pipe(
  v.picklist(["true", "false"], "is neither true nor false"),
  v.transform((value) => value === "true"),
);
const node = object({ hostname, address });

/** A node as a script is told of it. */
export type Node = v.InferOutput<typeof node>;

/** Every variable that a script may ask for; the description is what `--help` shows. */
export const variables = {
  CLUSTER_NAME: described(name, "the cluster's name"),
  CLUSTER_ID: described(name, "the cluster's ID, as in its secrets bundle: the lock's key"),
  TALOS_CA: described(authority(), 'secret: {"cert", "key"}, Talos\'s CA as in the secrets bundle\'s certs.os'),
  NODE_HOSTNAME: described(hostname, "the node's hostname"),
  NODE_ADDRESS: described(address, "the node's IP address"),
  NODE_ROLE: described(role, "controlplane or worker"),
  NODE_GENERATION: described(
    v.pipe(number, v.integer("is no whole number"), v.minValue(0, "is negative")),
    "the node's generation in the stack file, raised when its machine came back empty",
  ),
  CONTROL_PLANE: described(nodes(node), "every declared control plane node: [{hostname, address}]"),
  NODES: described(
    nodes(object({ hostname, address, role, schematicId })),
    "every declared node: [{hostname, address, role, schematicId}]",
  ),
  TALOS_VERSION: described(version, "the declared Talos version, such as v1.13.3"),
  KUBERNETES_VERSION: described(version, "the declared Kubernetes version, such as v1.36.3"),
  SCHEMATIC_ID: described(schematicId, "the ID of the node's declared schematic"),
  INSTALLER_IMAGE: described(name, "the installer image of that schematic and Talos version"),
  ENDPOINT: described(
    v.pipe(
      text,
      v.check((url) => URL.canParse(url) && new URL(url).protocol === "https:", "is no https URL"),
    ),
    "the cluster's endpoint, such as https://10.80.0.8:6443",
  ),
  BACKUP_DIR: described(name, "the folder for etcd snapshots"),
  DRAIN_TIMEOUT: described(seconds, "seconds until a drain gives up"),
  API_ADDRESS: described(address, "the IP address of a control plane node whose Kubernetes API is asked"),
  ALLOW_DOWNGRADE: described(v.optional(allowed, "false"), "optional: true allows an older Talos than runs"),
  ALLOW_QUORUM_LOSS: described(
    v.optional(allowed, "false"),
    "optional: true allows one of two etcd members to go away, which stops etcd meanwhile",
  ),
  ALLOW_DESTROY: described(allowed, "whether the cluster may be destroyed"),
  NODE_TIMEOUT: described(v.optional(seconds), "optional: seconds to wait for a node in this run, whatever is declared"),
  DECLARED_NODE_TIMEOUT: described(v.optional(seconds, "600"), "optional: the stack file's nodeTimeout, 600 unless given"),
  ENGINE: described(
    v.optional(v.literal("pulumi", "is not pulumi")),
    "optional: pulumi, where a Pulumi engine starts the script; without that engine it then does nothing",
  ),
} as const;

/** The name of a variable. */
export type Variable = keyof typeof variables;

/** The parsed values of some variables. */
export type Environment<V extends Variable> = { readonly [K in V]: v.InferOutput<(typeof variables)[K]> };

const secret: ReadonlySet<string> = new Set<Variable>(["TALOS_CA"]);

/** Reads variables; a failure names everything that is wrong with them at once, and no secret. */
export function readEnvironment<V extends Variable>(names: readonly V[], from: NodeJS.ProcessEnv): Environment<V> {
  const problems: string[] = [];
  const values = names.map((key) => {
    const given = from[key];
    const parsed = v.safeParse(variables[key], given);
    if (parsed.success) return [key, parsed.output];
    if (given === undefined) problems.push(`${key} is not set: ${descriptionOf(key)}.`);
    for (const { path, message } of given === undefined ? [] : parsed.issues) {
      const shown = secret.has(key) ? "" : `=${JSON.stringify(given)}`;
      problems.push(`${key}${shown} ${path ? `at ${path.map((item) => item.key).join(".")}: ` : ""}${message}.`);
    }
    return [key, undefined];
  });
  if (problems.length > 0) throw new Failure(problems.join("\n"), exits.badInput);
  return Object.fromEntries(values) as Environment<V>;
}

/** What `--help` says of a variable. */
export function descriptionOf(key: Variable): string {
  return v.getDescription(variables[key]) ?? "";
}

function described<S extends v.GenericSchema<string | undefined, unknown>>(schema: S, description: string) {
  return v.pipe(schema, v.description(description));
}

/** An object of these keys alone. What is wrong with it is said in words of ours: the library's quote what they found, which may be a secret. */
function object<E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, ({ expected, received }) => {
    if (expected === "never") return "is not known";
    return received === "undefined" ? "is missing" : "is no object";
  });
}

function nodes<N extends Node>(one: v.GenericSchema<unknown, N>) {
  const differ = (key: "hostname" | "address") => (all: N[]) => new Set(all.map((each) => each[key])).size === all.length;
  return v.pipe(
    text,
    v.parseJson(undefined, "is no JSON"),
    v.array(one, "is no list"),
    v.minLength(1, "is empty"),
    v.check(differ("address"), "names an address twice"),
    v.check(differ("hostname"), "names a hostname twice"),
  );
}

function authority() {
  return v.pipe(
    text,
    v.parseJson(undefined, "is no JSON"),
    object({ cert: text, key: text }),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return certificateAuthority(dataset.value);
      } catch (error) {
        addIssue({ message: (error as Error).message });
        return NEVER;
      }
    }),
  );
}
