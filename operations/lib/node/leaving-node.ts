import type { Losable } from "../kubernetes/forgotten.ts";
import type { Environment, Node, Variable } from "../script/environment.ts";
import { clusterVariables } from "../script/operation.ts";

/** The variables of every script that takes a node out of its cluster for good. */
export const leavingVariables = [
  ...clusterVariables,
  "NODE_HOSTNAME",
  "NODE_ADDRESS",
  "NODE_ROLE",
  "NODE_GENERATION",
  "CONTROL_PLANE",
] as const satisfies Variable[];

/** A node that leaves its cluster for good, with what it is there. */
export interface LeavingNode extends Losable {
  readonly role: Environment<"NODE_ROLE">["NODE_ROLE"];
}

/** The node that a script's variables name, and the control plane nodes beside it. */
export function leavingNode(env: Environment<(typeof leavingVariables)[number]>): { node: LeavingNode; peers: readonly Node[] } {
  const node = { hostname: env.NODE_HOSTNAME, address: env.NODE_ADDRESS, role: env.NODE_ROLE, generation: env.NODE_GENERATION };
  return { node, peers: env.CONTROL_PLANE.filter(({ address }) => address !== node.address) };
}
