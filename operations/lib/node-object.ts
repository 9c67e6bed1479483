import type { Node } from "./environment.ts";
import { Kubernetes } from "./kubernetes.ts";
import { identify, nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import type { Look } from "./wait.ts";

/** Deletes a node's Kubernetes Node through a control plane node that runs; says what came of it. */
export function deleteNode(operation: Operation, node: Node, peers: readonly Node[]): Promise<string> {
  const name = node.hostname.toLowerCase();
  return operation.wait(
    `a control plane node that deletes the Kubernetes Node ${name}`,
    async (): Promise<Look<string>> => {
      const problems: string[] = [];
      for (const peer of peers) {
        const machine = await identify(operation, peer);
        // A machine that is not configured, or not by us, runs none of this cluster's API servers.
        if (machine.is === "maintenance" || machine.is === "foreign") continue;
        const outcome = machine.is === "ours" ? await deleteThrough(operation, peer, name) : { problem: machine.why };
        if ("value" in outcome) {
          return { done: `its Kubernetes Node was ${outcome.value === "deleted" ? "deleted" : "already gone"}` };
        }
        problems.push(`${nameOf(peer)}: ${outcome.problem}`);
      }
      if (problems.length > 0) return { pending: problems.join("; ") };
      return { done: "no control plane node is left that could hold its Kubernetes Node" };
    },
    `Its machine is reset already. Repair those nodes and run this again, or kubectl delete node ${name} and take it out of the state.`,
  );
}

async function deleteThrough(operation: Operation, peer: Node, name: string) {
  const kubernetes = await Kubernetes.at(operation, peer.address);
  if ("problem" in kubernetes) return kubernetes;
  operation.fence();
  return kubernetes.value.deleteNode(name);
}
