import { foreignNodes, remarks } from "../node/foreign.ts";
import type { Node } from "../script/environment.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { etcdStates, type NodeState } from "./state.ts";

/** The declared control plane nodes that are members of etcd; none where the cluster is new. Waits until every one of them says what it is. */
export function clusterMembers(operation: Operation, declared: readonly Node[]): Promise<Node[]> {
  return operation.wait(
    `the control plane nodes of ${operation.env.CLUSTER_NAME}`,
    async (): Promise<Look<Node[]>> => {
      const answers = await etcdStates(operation, declared);
      const of = (wanted: NodeState) => answers.filter(({ state }) => state === wanted);
      const [foreign, unknown] = [of("foreign"), of("unknown")];
      if (foreign.length > 0) throw foreignNodes(`No node of ${operation.env.CLUSTER_NAME} was touched`, foreign);
      if (unknown.length > 0) return { pending: remarks(unknown) };
      return { done: of("member").map(({ node }) => node) };
    },
    "Repair those nodes, or take them out of the stack file.",
  );
}
