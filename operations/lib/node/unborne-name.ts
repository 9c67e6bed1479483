import { membersBy } from "../etcd/leave.ts";
import { unlessAbsent } from "../kubernetes/client.ts";
import { throughKubernetes } from "../kubernetes/peers.ts";
import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { sameAddress } from "./addresses.ts";
import { isCalled, nameOf } from "./machine.ts";
import { nodenameOf } from "./running.ts";

/**
 * Waits until it is plain that the cluster knows nobody by a node's name, and the machine at its address by another: such a name was declared and
 * taken back, and nothing bears it. Fails where etcd or Kubernetes knows the name, or does not say.
 */
export function assertUnborne(operation: Operation, node: Node, called: string, controlPlane: readonly Node[]): Promise<void> {
  const remedy =
    `${nameOf(node)} is left alone: the machine at that address is now ${called}. ` +
    `Give ${called} another address, or take it out of the stack file until ${node.hostname} is removed.`;
  return operation.wait(
    `etcd and Kubernetes to say whether they know ${node.hostname}`,
    async (): Promise<Look<void>> => {
      const name = await nodenameOf(operation, node.address);
      if ("problem" in name) return { pending: name.problem };
      const nodes = await throughKubernetes(operation, controlPlane, (kubernetes) =>
        kubernetes.core(async (api) => ({
          looked: await unlessAbsent(api.readNode({ name: node.hostname })),
          there: await unlessAbsent(api.readNode({ name: name.value })),
        })),
      );
      if (!nodes) return { pending: "no control plane node can be asked" };
      if ("problem" in nodes) return { pending: nodes.problem };
      if (nodes.value.looked) throw new Failure(`${remedy} Kubernetes knows a Node ${node.hostname} still.`);
      if (!nodes.value.there) return { pending: `Kubernetes knows no Node ${name.value} either` };
      const told = await membersBy(operation, controlPlane);
      if (!told) return { pending: "no control plane node has an etcd" };
      if ("problem" in told) return { pending: told.problem };
      const doubtful = told.value.members.some(
        ({ hostname, addresses }) =>
          isCalled([hostname], node.hostname) ||
          (addresses.some((address) => sameAddress(address, node.address)) && !isCalled([hostname], called)),
      );
      if (doubtful) throw new Failure(`${remedy} etcd knows a member of that name or address still.`);
      return { done: undefined };
    },
    remedy,
  );
}
