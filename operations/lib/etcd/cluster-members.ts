import { nameOf } from "../node/machine.ts";
import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { etcdState } from "./state.ts";

/** The declared control plane nodes that are members of etcd; none where the cluster is new. Waits until every one of them says what it is. */
export function clusterMembers(operation: Operation, declared: readonly Node[]): Promise<Node[]> {
  return operation.wait(
    `the control plane nodes of ${operation.env.CLUSTER_NAME}`,
    async (): Promise<Look<Node[]>> => {
      const answers = await Promise.all(declared.map(async (node) => ({ node, ...(await etcdState(operation, node)) })));
      const of = (wanted: string) => answers.filter(({ state }) => state === wanted);
      const list = (some: typeof answers) => some.map(({ node, why }) => `${nameOf(node)}: ${why}`).join("; ");
      if (of("foreign").length > 0) {
        throw new Failure(
          `A declared control plane node is somebody else's: ${list(of("foreign"))}. Correct its address, or reset it where it belongs (talosctl reset).`,
        );
      }
      if (of("unknown").length > 0) return { pending: list(of("unknown")) };
      return { done: of("member").map(({ node }) => node) };
    },
    "Repair those nodes, or take them out of the stack file.",
  );
}
