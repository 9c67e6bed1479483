import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import { nameOf } from "./machine.ts";

/** A node, with what is to be said of it. */
export interface Remark {
  readonly node: Node;
  readonly why: string;
}

/** "c1 (10.60.0.10): in maintenance mode; c2 (10.60.0.11): connection refused" */
export function remarks(nodes: readonly Remark[]): string {
  return nodes.map(({ node, why }) => `${nameOf(node)}: ${why}`).join("; ");
}

/** What is said where machines of declared nodes are somebody else's. `outcome` begins the sentence: "No node of phoebe was touched". */
export function foreignNodes(outcome: string, foreign: readonly Remark[]): Failure {
  return new Failure(
    `${outcome}, because a declared node is somebody else's: ${remarks(foreign)}. Correct its address, or reset it where it belongs (talosctl reset).`,
  );
}
