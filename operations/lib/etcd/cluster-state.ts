import { remarks } from "../node/foreign.ts";
import type { Answered } from "./state.ts";

/** What is to be done about the bootstrap. */
export type Verdict =
  /** There is a cluster: nothing. */
  | { readonly verdict: "exists"; readonly why: string }
  /** Declared nodes are somebody else's: nothing, and a person has to look. */
  | { readonly verdict: "foreign"; readonly nodes: readonly Answered[] }
  /** It cannot be told yet, or the own node is not configured yet. */
  | { readonly verdict: "wait"; readonly why: string }
  /** There is no cluster, and the own node waits for the word. */
  | { readonly verdict: "bootstrap" };

/**
 * Is the cluster new? Every declared control plane node has a say: Talos looks at one node's empty folder only, and would
 * start a second cluster under the same PKI where that node was wiped, or where another is put first.
 */
export function decide(nodes: readonly Answered[], own: string): Verdict {
  const of = (state: Answered["state"]) => nodes.filter((node) => node.state === state);
  const members = of("member");
  if (members.length > 0) return { verdict: "exists", why: remarks(members) };
  const foreign = of("foreign");
  if (foreign.length > 0) return { verdict: "foreign", nodes: foreign };
  const unknown = of("unknown");
  if (unknown.length > 0) return { verdict: "wait", why: remarks(unknown) };
  const self = nodes.find(({ node }) => node.address === own);
  if (self?.state !== "waiting") return { verdict: "wait", why: self ? remarks([self]) : "the bootstrap node is not among them" };
  return { verdict: "bootstrap" };
}
