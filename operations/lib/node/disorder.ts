import { membersBy, removalOf } from "../etcd/leave.ts";
import { throughKubernetes } from "../kubernetes/peers.ts";
import type { Node } from "../script/environment.ts";
import { GracePeriod } from "../script/grace-period.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import type { Reply } from "../talosctl/reply.ts";
import type { LeavingNode } from "./leaving-node.ts";
import { nameOf } from "./machine.ts";

/**
 * Why a node cannot leave its cluster in good order, where all of that is destroyed: for a while already etcd has no quorum, or would have none
 * without the node, or no API server answers. Undefined where it can.
 */
export async function whyNotInOrder(operation: Operation, node: LeavingNode, controlPlane: readonly Node[]): Promise<string | undefined> {
  const disorder = new GracePeriod(operation.gracePeriod);
  return operation.wait(`a way for ${nameOf(node)} to leave in good order`, async (): Promise<Look<string | undefined>> => {
    const why = await hindrance(operation, node, controlPlane);
    if (why === undefined) return { done: undefined };
    return disorder.left() === 0 ? { done: why } : { pending: why };
  });
}

async function hindrance(operation: Operation, node: LeavingNode, controlPlane: readonly Node[]): Promise<string | undefined> {
  const etcd = await membersBy(operation, controlPlane);
  if (etcd && "problem" in etcd) return etcd.problem;
  if (etcd && node.role === "controlplane") {
    const verdict = await removalOf(operation, etcd.value, node);
    if ("problem" in verdict) return verdict.problem;
    if (verdict.value.removal === "refused") return verdict.value.why;
  }
  const ready: Reply<true> | undefined = await throughKubernetes(operation, controlPlane, (kubernetes) => kubernetes.ready());
  return ready && "problem" in ready ? ready.problem : undefined;
}
