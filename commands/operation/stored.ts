import { UserError } from "../../cluster/user-error.ts";
import type { StoredResource } from "../pulumi.ts";

/** A script of operations/ as a stack's Command runs it. */
export interface StoredOperation {
  readonly verb: string;
  /** The node that it is about, where it is about one. */
  readonly hostname?: string;
  /** Secrets among them, in the clear. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Scripts that no Command runs, or none has run well yet: they are there for the nodes whose removal says what they have to be told. */
const byRemoval: Readonly<Record<string, readonly string[]>> = { "forget-node": ["controlplane", "worker"], bootstrap: ["controlplane"] };

/** The operations that the Commands of a stack's state run. */
export function operationsIn(resources: readonly StoredResource[]): StoredOperation[] {
  return resources.flatMap(({ type, inputs = {} }) => {
    const { create, delete: remove, environment, stdin } = inputs as Record<string, unknown>;
    const verb = /\boperations\/([a-z-]+)\.ts/.exec(String(create ?? remove))?.[1];
    const { ENGINE: _notByHand, ...told } = (environment ?? {}) as Record<string, string>;
    // A guard works on no cluster: by hand it has nothing to do.
    if (type !== "command:local:Command" || !verb || !told.CLUSTER_ID) return [];
    return [{ verb, hostname: told.NODE_HOSTNAME, environment: told, ...(typeof stdin === "string" ? { stdin } : {}) }];
  });
}

/** The one operation that is meant. A hostname may be left out where the verb is about no node, or about one only. */
export function operationFor(operations: readonly StoredOperation[], verb: string, hostname: string | undefined): StoredOperation {
  const named = operationsOf(operations, verb);
  if (named.length === 0) throw new UserError(`the stack runs no ${verb}; it runs\n${listed(operations)}`);
  const [found, another] = hostname === undefined ? named : named.filter((operation) => operation.hostname === hostname);
  if (!found) throw new UserError(`the stack runs no ${verb} for ${hostname}, but for ${hostnamesOf(named)}`);
  if (another) throw new UserError(`which node is meant? ${verb} is there for ${hostnamesOf(named)}`);
  return { ...found, verb };
}

/** A line for each verb, with the nodes it is there for. */
export function listed(operations: readonly StoredOperation[]): string {
  const verbs = [...new Set([...operations.map(({ verb }) => verb), ...Object.keys(byRemoval)])].sort();
  const width = Math.max(0, ...verbs.map((verb) => verb.length));
  return verbs.map((verb) => `  ${verb.padEnd(width)}  ${hostnamesOf(operationsOf(operations, verb))}`.trimEnd()).join("\n");
}

function operationsOf(operations: readonly StoredOperation[], verb: string): readonly StoredOperation[] {
  const roles = byRemoval[verb];
  if (!roles) return operations.filter((operation) => operation.verb === verb);
  return operations.filter((operation) => operation.verb === "remove-node" && roles.includes(operation.environment.NODE_ROLE ?? ""));
}

function hostnamesOf(operations: readonly StoredOperation[]): string {
  return operations.flatMap(({ hostname }) => hostname ?? []).join(", ");
}
