import { serviceAilment } from "../node/service.ts";
import type { Node } from "../script/environment.ts";
import { GracePeriod } from "../script/grace-period.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import type { Reply } from "../talosctl/reply.ts";
import type { NodeObject } from "./node-object.ts";

/** Why a node's kubelet ends no pod, or undefined where it does; pending while that cannot be told. */
export type WatchedKubelet = () => Promise<Look<string | undefined>>;

/**
 * Watches a node's kubelet, which is dead when for a while, at each look, its Node is not Ready and Talos on the node itself finds the kubelet ill. One that
 * only restarts, or cannot tell the API server of itself for a moment, still ends its pods.
 */
export function watchKubelet(operation: Operation, node: Node, { kubernetes, name }: NodeObject): WatchedKubelet {
  const dead = new GracePeriod(operation.gracePeriod);
  return async () => {
    const notReady = await kubernetes.nodeNotReady(name);
    const ailment = isWell(notReady) ? notReady : await serviceAilment(operation, node.address, "kubelet");
    if ("value" in notReady && notReady.value && "value" in ailment && ailment.value) {
      const why = `${ailment.value}, and its Node: ${notReady.value}`;
      return dead.left() === 0 ? { done: why } : { pending: why };
    }
    dead.begin();
    if (isWell(ailment)) return { done: undefined };
    return { pending: [notReady, ailment].map((one) => ("problem" in one ? one.problem : one.value)).join("; ") };
  };
}

function isWell(ailment: Reply<string | undefined>): boolean {
  return "value" in ailment && ailment.value === undefined;
}
