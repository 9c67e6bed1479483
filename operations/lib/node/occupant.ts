import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { nameOf, occupantOf } from "./machine.ts";

/**
 * Waits until it is known who is at a node's address, before anything is done there: nobody's machine and this very node will do. Somebody
 * else's machine, or another node of this cluster, is a failure.
 */
export function declaredMachine(operation: Operation, node: Node): Promise<"maintenance" | "ours"> {
  const { CLUSTER_NAME: cluster } = operation.env;
  return operation.wait(
    nameOf(node),
    async (): Promise<Look<"maintenance" | "ours">> => {
      const found = await occupantOf(operation, node);
      switch (found.is) {
        case "unknown":
          return { pending: found.why };
        case "foreign":
          throw new Failure(
            `${nameOf(node)} is not ${cluster}'s: ${found.why}. Is the address right, and the secrets bundle this cluster's? ` +
              "A machine that is to change clusters has to be reset there first (talosctl reset).",
          );
        case "another":
          throw new Failure(
            `The machine at ${node.address} is ${cluster}'s node ${found.called}, and is declared as ${node.hostname}. ` +
              "A node is not renamed: remove it from the stack file, npm run up, then add it under its new name.",
          );
        default:
          return { done: found.is };
      }
    },
    "Is it switched on, at that address, and reachable from here on port 50000?",
  );
}
