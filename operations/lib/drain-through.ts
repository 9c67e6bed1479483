import { type CordonedBy, cordon, uncordon } from "./cordon.ts";
import { drain } from "./drain.ts";
import type { Node } from "./environment.ts";
import { Failure, RunEnded } from "./failure.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import { throughKubernetes } from "./peers.ts";
import { type Look, lookAt } from "./wait.ts";

/** How a node is drained through others. */
export interface DrainThrough {
  readonly by: CordonedBy;
  /** Seconds. */
  readonly timeout: number;
}

/**
 * Moves the pods off a node that has no API server of its own to ask, or will have none, through a control plane node that stays; gives up after
 * the timeout, and then takes its cordon back. Where nobody could take the pods, or the node's kubelet is gone, there is nothing to move.
 */
export async function drainThrough(operation: Operation, node: Node, peers: readonly Node[], { by, timeout }: DrainThrough): Promise<void> {
  const kubernetes = await operation.wait(
    `a Kubernetes API to drain ${nameOf(node)} through`,
    async (): Promise<Look<Kubernetes | undefined>> => {
      const found = await throughKubernetes(operation, peers, async (one) => ({ value: one }));
      return found ? lookAt(found) : { done: undefined };
    },
    "Repair the control plane first, then run this again.",
  );
  if (!kubernetes) return operation.say(`${nameOf(node)} is not drained: no other control plane node can be asked`);
  const name = node.hostname.toLowerCase();
  const cordoned = await operation.wait(`the Node ${name} to be cordoned`, async () => {
    operation.fence();
    return lookAt(await cordon(kubernetes, name, by));
  });
  if (cordoned === "absent") return operation.say(`${nameOf(node)} has no Kubernetes Node, so there is nothing to drain`);
  const notReady = await operation.wait(`the Node ${name}`, async () => lookAt(await kubernetes.nodeNotReady(name)));
  if (notReady) return operation.say(`${nameOf(node)} is not drained: its kubelet could not end a pod in good order, ${notReady}`);
  try {
    await drain(operation, kubernetes, name, timeout);
  } catch (error) {
    if (!(error instanceof Failure) || error instanceof RunEnded || operation.signal.aborted) throw error;
    operation.fence();
    const taken = await uncordon(kubernetes, name);
    if ("problem" in taken) operation.say(`${nameOf(node)} stays cordoned: ${taken.problem}`);
    throw error;
  }
}
