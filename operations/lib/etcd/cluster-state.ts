import { nameOf } from "../node/machine.ts";
import type { Node } from "../script/environment.ts";
import type { Answer } from "./state.ts";

/** A declared control plane node with its answer. */
export interface Answered {
  readonly node: Node;
  readonly answer: Answer;
}

/** What is to be done about the bootstrap. */
export type Verdict =
  /** There is a cluster: nothing. */
  | { readonly verdict: "exists"; readonly why: string }
  /** A declared node is somebody else's: nothing, and a person has to look. */
  | { readonly verdict: "foreign"; readonly why: string }
  /** It cannot be told yet, or the own node is not configured yet. */
  | { readonly verdict: "wait"; readonly why: string }
  /** There is no cluster, and the own node waits for the word. */
  | { readonly verdict: "bootstrap" };

/**
 * Is the cluster new? Every declared control plane node has a say: Talos looks at one node's empty folder only, and would
 * start a second cluster under the same PKI where that node was wiped, or where another is put first.
 */
export function decide(nodes: readonly Answered[], own: string): Verdict {
  const of = (state: Answer["state"]) => nodes.filter(({ answer }) => answer.state === state);
  const list = (some: readonly Answered[]) => some.map(({ node, answer }) => `${nameOf(node)}: ${answer.why}`).join("; ");

  const members = of("member");
  if (members.length > 0) return { verdict: "exists", why: list(members) };
  const foreign = of("foreign");
  if (foreign.length > 0) return { verdict: "foreign", why: list(foreign) };
  const unknown = of("unknown");
  if (unknown.length > 0) return { verdict: "wait", why: list(unknown) };
  const self = nodes.find(({ node }) => node.address === own);
  if (self?.answer.state !== "waiting") return { verdict: "wait", why: self ? list([self]) : "the bootstrap node is not among them" };
  return { verdict: "bootstrap" };
}
