import { nameOf } from "../node/machine.ts";
import type { Node } from "../script/environment.ts";
import { Failure, RunEnded } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { lookAt } from "../script/wait.ts";
import type { Reply } from "../talosctl/reply.ts";
import { type CordonedBy, cordon, uncordon } from "./cordon.ts";
import { watchKubelet } from "./dead-kubelet.ts";
import { drain } from "./drain.ts";
import type { FindNode } from "./node-object.ts";

/** How a node is emptied. */
export interface Evacuation {
  readonly by: CordonedBy;
  /** Seconds until the drain gives up. */
  readonly timeout: number;
  /** Whether the node comes back: what no other node takes then stays on it. */
  readonly returns: boolean;
}

/**
 * The one way in which pods leave a node: it is cordoned, and they are evicted within their disruption budgets and waited for. Where its kubelet ends
 * none, what is being deleted is not waited for: it goes down with the node. A node that keeps its pods has its cordon taken back.
 */
export async function evacuate(operation: Operation, node: Node, find: FindNode, { by, timeout, returns }: Evacuation): Promise<void> {
  const found = await operation.wait(
    `a Kubernetes API to drain ${nameOf(node)} through`,
    async () => lookAt(await find()),
    "Repair the control plane first, then run this again.",
  );
  if (!found) return operation.say(`${nameOf(node)} is not drained: no other control plane node can be asked`);
  try {
    const cordoned = await operation.wait(`the Node ${found.name} to be cordoned`, async () => {
      operation.fence();
      return lookAt(await cordon(found.kubernetes, found.name, by));
    });
    if (cordoned === "absent") return operation.say(`${nameOf(node)} has no Kubernetes Node, so there is nothing to drain`);
    const kubelet = watchKubelet(operation, node, found);
    await operation.wait(`the kubelet of ${nameOf(node)}`, kubelet); // a dead one is known for dead before the drain's time runs
    await drain(operation, found, { timeout, returns, kubelet });
  } catch (error) {
    if (error instanceof Failure && !(error instanceof RunEnded) && !operation.signal.aborted) await takeBack(operation, node, find);
    throw error;
  }
}

/** Uncordons a node that a script cordoned; a person's cordon stays. */
export async function reopen(operation: Operation, node: Node, find: FindNode): Promise<void> {
  await operation.wait(`${nameOf(node)} to be uncordoned`, async () => lookAt(await tryToReopen(operation, find)));
}

/** The same, tried once. */
export async function tryToReopen(operation: Operation, find: FindNode): Promise<Reply<unknown>> {
  const found = await find();
  if ("problem" in found || !found.value) return found;
  operation.fence();
  return uncordon(found.value.kubernetes, found.value.name);
}

/** Takes the cordon back of a node that does not go. Where that is not possible either, its mark stays, and the next run does it. */
export async function takeBack(operation: Operation, node: Node, find: FindNode): Promise<void> {
  try {
    await reopen(operation, node, find);
  } catch (error) {
    if (!(error instanceof Failure) || error instanceof RunEnded) throw error;
    operation.say(`${nameOf(node)} stays cordoned: ${error.message}`);
  }
}
