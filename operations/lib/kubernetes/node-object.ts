import { sameAddress } from "../node/addresses.ts";
import { nodenameOf } from "../node/running.ts";
import type { Node } from "../script/environment.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import type { Asking } from "../talosctl/asking.ts";
import type { Reply } from "../talosctl/reply.ts";
import { type ApiClient, controlPlaneOf, kubernetesAt, kubernetesFor } from "./api.ts";
import type { Kubernetes } from "./client.ts";
import { throughKubernetes, throughPeers } from "./peers.ts";

/** A node's Kubernetes Node: its name, and an API that has it. */
export interface NodeObject {
  readonly kubernetes: Kubernetes;
  readonly name: string;
}

/** A way to a node's Kubernetes Node, looked for anew at each call; undefined where nobody is left who could be asked. */
export type FindNode = () => Promise<Reply<NodeObject | undefined>>;

/** By what the node knows itself: its Kubernetes API, or where a control plane node's own does not answer, that of another one which it has discovered. */
export function byItself(asking: Asking, node: ApiClient): () => Promise<Reply<NodeObject>> {
  return async () => {
    const [own, name] = await Promise.all([kubernetesFor(asking, node), nodenameOf(asking, node.address)]);
    if ("problem" in name) return name;
    const kubernetes = "value" in own || node.role === "worker" ? own : await besideIt(asking, node, own.problem);
    return "problem" in kubernetes ? kubernetes : { value: { kubernetes: kubernetes.value, name: name.value } };
  };
}

async function besideIt(asking: Asking, node: Node, problem: string): Promise<Reply<Kubernetes>> {
  const discovered = await controlPlaneOf(asking, node.address);
  if ("problem" in discovered) return { problem: `${problem}; ${discovered.problem}` };
  const others = discovered.value.filter(({ address }) => !sameAddress(address, node.address));
  const found = await throughPeers(asking, others, ({ address }) => kubernetesAt(asking, address));
  if (found && "value" in found) return found;
  return { problem: found ? `${problem}; ${found.problem}` : problem };
}

/** Through other control plane nodes, for one that has no API server of its own to ask, or will have none. */
export function throughOthers(asking: Asking, node: Node, peers: readonly Node[]): FindNode {
  return async () => {
    const found = await throughKubernetes(asking, peers, async (kubernetes) => ({ value: { kubernetes, name: node.hostname } }));
    return found ?? { value: undefined };
  };
}

/** Deletes a node's Kubernetes Node through a control plane node that runs; says what came of it. */
export function deleteNode(operation: Operation, { hostname: name }: Node, peers: readonly Node[]): Promise<string> {
  return operation.wait(
    `a control plane node that deletes the Kubernetes Node ${name}`,
    async (): Promise<Look<string>> => {
      const outcome = await throughKubernetes(operation, peers, (kubernetes) => {
        operation.fence();
        return kubernetes.deleteNode(name);
      });
      if (!outcome) return { done: "no control plane node is left that could hold its Kubernetes Node" };
      if ("problem" in outcome) return { pending: outcome.problem };
      return { done: `its Kubernetes Node was ${outcome.value === "deleted" ? "deleted" : "already gone"}` };
    },
    "Repair those nodes and run this again, which carries on.",
  );
}
