import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { Failure } from "./failure.ts";
import { type Kubernetes, refusalOf } from "./kubernetes.ts";
import type { Operation } from "./operation.ts";
import type { Reply } from "./reply.ts";
import { type Look, lookAt } from "./wait.ts";

/**
 * Has the pods leave a cordoned node by the eviction API, which honours disruption budgets. Pods of DaemonSets and of the kubelet itself
 * stay, and so does what comes in spite of the cordon: a pod that tolerates anything, and has no other place, would come back for ever.
 * Fails after the timeout (seconds), naming what blocks; and at once for a pod that nothing would start again.
 */
export async function drain(operation: Operation, kubernetes: Kubernetes, nodeName: string, timeout: number): Promise<void> {
  if (!(await operation.wait("the list of Nodes", async () => lookAt(await couldMove(kubernetes, nodeName))))) {
    return operation.say(`node ${nodeName} is not drained: no other node is Ready and schedulable, so nothing could take its pods`);
  }

  operation.say(`draining node ${nodeName}`);
  let leaving: ReadonlySet<string | undefined> | undefined;
  await operation.wait(
    `the pods of node ${nodeName} to leave`,
    async (): Promise<Look<void>> => {
      const all = await kubernetes.podsOn(nodeName);
      if ("problem" in all) return { pending: all.problem };
      const found = podsToLeave(all.value);
      if (!leaving) {
        refuseAlone(nodeName, found);
        leaving = new Set(found.map(({ metadata }) => metadata?.uid));
      }
      const pods = found.filter(({ metadata }) => leaving?.has(metadata?.uid));
      if (pods.length === 0) return { done: undefined };
      const blocks = (await Promise.all(pods.map((pod) => evict(operation, kubernetes, pod)))).filter((why) => why !== undefined);
      return { pending: blocks.length > 0 ? blocks.join("; ") : `${pods.map(podName).join(", ")} still there` };
    },
    "Make room for them elsewhere or loosen what blocks them, then run this again.",
    timeout,
  );
}

/** A pod without a controller would not come back anywhere: its end is for its owner to decide. */
function refuseAlone(nodeName: string, pods: readonly V1Pod[]): void {
  const alone = pods.filter(({ metadata }) => !metadata?.ownerReferences?.some(({ controller }) => controller));
  if (alone.length === 0) return;
  throw new Failure(
    `Node ${nodeName} is not drained: no controller would start these pods again: ${alone.map(podName).join(", ")}. ` +
      "Delete them, or give them a controller.",
  );
}

/** Asks for a pod's eviction; returns why it is not evicted, or undefined when it is on its way. */
async function evict(operation: Operation, kubernetes: Kubernetes, pod: V1Pod): Promise<string | undefined> {
  const { name = "", namespace = "", deletionTimestamp } = pod.metadata ?? {};
  if (deletionTimestamp) return undefined;
  operation.fence();
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  const reply = await kubernetes.core(async (api) => {
    try {
      await api.createNamespacedPodEviction({ name, namespace, body });
      return undefined;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.code === 404) return undefined;
      if (refusal?.code === 429) return [refusal.message, ...refusal.causes].join(" ");
      throw error;
    }
  });
  const why = "problem" in reply ? reply.problem : reply.value;
  return why && `${podName(pod)}: ${why}`;
}

/** Whether another node could take a node's pods. None can before the cluster has a network: no node is Ready then. */
function couldMove(kubernetes: Kubernetes, nodeName: string): Promise<Reply<boolean>> {
  return kubernetes.core(async (api) => (await api.listNode()).items.some((node) => node.metadata?.name !== nodeName && takesPods(node)));
}

function takesPods({ spec, status }: V1Node): boolean {
  const isReady = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return !spec?.unschedulable && isReady === true;
}

/** The pods that a drain has to see off: not those that a DaemonSet or the kubelet puts right back, and none that have ended. */
export function podsToLeave(pods: readonly V1Pod[]): V1Pod[] {
  return pods.filter(({ metadata, status }) => {
    if (metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined) return false;
    if (metadata?.ownerReferences?.some(({ kind, controller }) => controller && kind === "DaemonSet")) return false;
    return status?.phase !== "Succeeded" && status?.phase !== "Failed";
  });
}

function podName({ metadata }: V1Pod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
