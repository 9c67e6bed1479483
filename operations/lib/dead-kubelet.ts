import type { Node } from "./environment.ts";
import { nameOf } from "./machine.ts";
import type { NodeObject } from "./node-object.ts";
import type { Operation } from "./operation.ts";
import { Patience } from "./patience.ts";
import { serviceAilment } from "./service.ts";
import type { Look } from "./wait.ts";

/**
 * Why a node's kubelet ends no pods: for a while already its Node is not Ready, and Talos on the node itself finds the kubelet ill. Undefined where
 * either is well: a kubelet that only restarts, or cannot tell the API server of itself for a moment, still ends its pods.
 */
export async function deadKubelet(operation: Operation, node: Node, { kubernetes, name }: NodeObject): Promise<string | undefined> {
  const dead = new Patience(operation.patience);
  return operation.wait(`the kubelet of ${nameOf(node)}`, async (): Promise<Look<string | undefined>> => {
    const notReady = await kubernetes.nodeNotReady(name);
    if ("value" in notReady && notReady.value === undefined) return { done: undefined };
    const ailment = await serviceAilment(operation, node.address, "kubelet");
    if ("value" in ailment && ailment.value === undefined) return { done: undefined };
    if ("problem" in notReady || "problem" in ailment) {
      dead.begin();
      return { pending: [notReady, ailment].map((one) => ("problem" in one ? one.problem : one.value)).join("; ") };
    }
    const why = `${ailment.value}, and its Node: ${notReady.value}`;
    return dead.left() === 0 ? { done: why } : { pending: why };
  });
}
