import type { V1Pod } from "@kubernetes/client-node";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { type Look, lookAt } from "../script/wait.ts";
import { type Kubernetes, refusalOf } from "./client.ts";
import type { WatchedKubelet } from "./dead-kubelet.ts";
import type { NodeObject } from "./node-object.ts";
import { withoutPlace } from "./schedulable.ts";

/** How a cordoned node is drained. */
export interface Drain {
  /** Seconds until it gives up. */
  readonly timeout: number;
  /** Whether the node comes back: what no other node takes then stays on it. */
  readonly returns: boolean;
  /** Where it is dead, pods that are being deleted are not waited for. */
  readonly kubelet: WatchedKubelet;
}

/**
 * Has the pods leave a cordoned node by the eviction API, which honours disruption budgets. Pods of DaemonSets and of the kubelet itself
 * stay, and so does what comes in spite of the cordon: a pod that tolerates anything, and has no other place, would come back for ever.
 * Fails after the timeout, naming what blocks; and at once for a pod that nothing would start again.
 */
export async function drain(operation: Operation, node: NodeObject, { timeout, returns, kubelet }: Drain): Promise<void> {
  const { kubernetes, name } = node;
  const found = podsToLeave(await operation.wait(`the pods of node ${name}`, async () => lookAt(await kubernetes.podsOn(name))));
  const stay = returns ? await withoutPlace(operation, node, found) : [];
  const leave = found.filter((pod) => !stay.includes(pod));
  const placeless = "no other node that is Ready and schedulable takes";
  if (stay.length > 0 && leave.length === 0) return operation.say(`node ${name} is not drained: ${placeless} its pods`);
  refuseAlone(name, leave);

  operation.say(`draining node ${name}${stay.length > 0 ? `, but for what ${placeless}: ${podNames(stay)}` : ""}`);
  const leaving = new Set(leave.map(({ metadata }) => metadata?.uid));
  await operation.wait(
    `the pods of node ${name} to leave`,
    async (): Promise<Look<void>> => {
      const all = await kubernetes.podsOn(name);
      if ("problem" in all) return { pending: all.problem };
      const pods = podsToLeave(all.value).filter(({ metadata }) => leaving.has(metadata?.uid));
      if (pods.length === 0) return { done: undefined };
      const [refusals, dead] = await Promise.all([Promise.all(pods.map((pod) => evict(operation, kubernetes, pod))), kubelet()]);
      const blocks = refusals.filter((why) => why !== undefined);
      if (blocks.length > 0) return { pending: blocks.join("; ") };
      if (!("done" in dead && dead.done)) return { pending: `${podNames(pods)} evicted, and not ended yet` };
      operation.say(`evicted, but not waited for, since nothing on node ${name} ends a pod: ${podNames(pods)} (${dead.done})`);
      return { done: undefined };
    },
    "Make room for them elsewhere, loosen what blocks them, or see why one that is evicted does not end " +
      "(docs/runbook.md#a-node-that-is-not-drained); then run this again.",
    timeout,
  );
}

/** A pod without a controller would not come back anywhere: its end is for its owner to decide, unless that is decided already. */
function refuseAlone(nodeName: string, pods: readonly V1Pod[]): void {
  const alone = pods.filter((pod) => !isBeingDeleted(pod) && !pod.metadata?.ownerReferences?.some(({ controller }) => controller));
  if (alone.length === 0) return;
  throw new Failure(
    `Node ${nodeName} is not drained: no controller would start these pods again: ${podNames(alone)}. Delete them, or give them a controller.`,
  );
}

/** Asks for a pod's eviction; returns why it is not evicted, or undefined when it is on its way. */
async function evict(operation: Operation, kubernetes: Kubernetes, pod: V1Pod): Promise<string | undefined> {
  if (isBeingDeleted(pod)) return undefined;
  const { name = "", namespace = "" } = pod.metadata ?? {};
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

/** The pods that a drain has to see off: not those that a DaemonSet or the kubelet puts right back, and none that have ended. */
export function podsToLeave(pods: readonly V1Pod[]): V1Pod[] {
  return pods.filter(({ metadata, status }) => {
    if (metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined) return false;
    if (metadata?.ownerReferences?.some(({ kind, controller }) => controller && kind === "DaemonSet")) return false;
    return status?.phase !== "Succeeded" && status?.phase !== "Failed";
  });
}

function isBeingDeleted({ metadata }: V1Pod): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

function podName({ metadata }: V1Pod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function podNames(pods: readonly V1Pod[]): string {
  return pods.map(podName).join(", ");
}
