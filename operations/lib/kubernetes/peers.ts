import { identify, nameOf } from "../node/machine.ts";
import type { Node } from "../script/environment.ts";
import type { Asking } from "../talosctl/asking.ts";
import type { Reply } from "../talosctl/reply.ts";
import { Kubernetes } from "./client.ts";

/**
 * Asks the control plane nodes that are ours, one after the other, until one knows the answer. One that has nothing to say of it answers
 * undefined, as do those in maintenance mode or somebody else's, which are not asked; undefined in all: nobody is left who could know.
 */
export async function throughPeers<T>(
  asking: Asking,
  peers: readonly Node[],
  question: (peer: Node) => Promise<Reply<T> | undefined>,
): Promise<Reply<T> | undefined> {
  const problems: string[] = [];
  for (const peer of peers) {
    const machine = await identify(asking, peer);
    if (machine.is === "maintenance" || machine.is === "foreign") continue;
    const reply = machine.is === "ours" ? await question(peer) : { problem: machine.why };
    if (reply && "value" in reply) return reply;
    if (reply) problems.push(`${nameOf(peer)}: ${reply.problem}`);
  }
  return problems.length > 0 ? { problem: problems.join("; ") } : undefined;
}

/** Asks the Kubernetes API of a control plane node, each at its own address. */
export function throughKubernetes<T>(
  asking: Asking,
  peers: readonly Node[],
  question: (kubernetes: Kubernetes) => Promise<Reply<T>>,
): Promise<Reply<T> | undefined> {
  return throughPeers(asking, peers, async ({ address }) => {
    const kubernetes = await Kubernetes.at(asking, address);
    return "problem" in kubernetes ? kubernetes : question(kubernetes.value);
  });
}
