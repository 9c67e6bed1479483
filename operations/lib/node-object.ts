import type { Node } from "./environment.ts";
import type { Operation } from "./operation.ts";
import { throughKubernetes } from "./peers.ts";
import type { Look } from "./wait.ts";

/** Deletes a node's Kubernetes Node through a control plane node that runs; says what came of it. */
export function deleteNode(operation: Operation, node: Node, peers: readonly Node[]): Promise<string> {
  const name = node.hostname.toLowerCase();
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
