import type { Node } from "./environment.ts";
import { Failure } from "./failure.ts";
import { hostnameOf, identify, isCalled, nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import type { Look } from "./wait.ts";

/**
 * Waits until it is known who is at a node's address, before anything is done there: nobody's machine and this very node will do. Somebody
 * else's machine, or another node of this cluster, is a failure.
 */
export function declaredMachine(operation: Operation, node: Node): Promise<"maintenance" | "ours"> {
  const { CLUSTER_NAME: cluster } = operation.env;
  return operation.wait(
    nameOf(node),
    async (): Promise<Look<"maintenance" | "ours">> => {
      const machine = await identify(operation, node);
      if (machine.is === "unknown") return { pending: machine.why };
      if (machine.is === "foreign") {
        throw new Failure(
          `${nameOf(node)} is not ${cluster}'s: ${machine.why}. Is the address right, and the secrets bundle this cluster's? ` +
            "A machine that is to change clusters has to be reset there first (talosctl reset).",
        );
      }
      if (machine.is === "maintenance") return { done: "maintenance" };

      const called = await hostnameOf(operation, node.address);
      if ("why" in called) return { pending: called.why };
      if (isCalled(called.names, node.hostname)) return { done: "ours" };
      throw new Failure(
        `The machine at ${node.address} is ${cluster}'s node ${called.names[0]}, and is declared as ${node.hostname}. ` +
          "A node is not renamed: remove it from the stack file, run pulumi up, then add it under its new name.",
      );
    },
    "Is it switched on, at that address, and reachable from here on port 50000?",
  );
}
