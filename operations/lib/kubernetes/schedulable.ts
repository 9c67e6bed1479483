import type { V1Node, V1Pod, V1Taint, V1Toleration } from "@kubernetes/client-node";
import { GracePeriod } from "../script/grace-period.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { whyNotReady } from "./client.ts";
import type { NodeObject } from "./node-object.ts";

/** Of a node's pods those that no other node takes. One that is only not well may take them in a moment, and so has to be unwell for a while. */
export async function withoutPlace(operation: Operation, { kubernetes, name }: NodeObject, pods: readonly V1Pod[]): Promise<V1Pod[]> {
  if (pods.length === 0) return [];
  const unwell = new GracePeriod(operation.gracePeriod);
  return operation.wait(`a place for the pods of node ${name}`, async (): Promise<Look<V1Pod[]>> => {
    const nodes = await kubernetes.core(async (api) => (await api.listNode()).items);
    if ("problem" in nodes) {
      unwell.begin();
      return { pending: nodes.problem };
    }
    const others = nodes.value.filter(({ metadata, spec }) => metadata?.name !== name && !spec?.unschedulable);
    const left = pods.filter((pod) => !others.some((node) => isWell(node) && takes(node, pod)));
    const awaited = others.filter((node) => !isWell(node) && left.some((pod) => takes(node, pod)));
    if (awaited.length === 0 || unwell.left() === 0) return { done: left };
    return { pending: `not well: ${awaited.map(({ metadata }) => metadata?.name).join(", ")}` };
  });
}

/** Kubernetes itself taints a node for what ails it (not-ready, disk-pressure, …), and takes that away again: kubernetes.io/docs/reference/labels-annotations-taints. */
const forAilment = /^node\.kubernetes\.io\//;

function isWell(node: V1Node): boolean {
  return whyNotReady(node) === undefined && !node.spec?.taints?.some((taint) => forAilment.test(taint.key) && keepsOut(taint));
}

/** Whether a node takes a pod when it is well: each taint that somebody put on it is one that the pod tolerates. */
export function takes({ spec }: V1Node, pod: V1Pod): boolean {
  const meant = spec?.taints?.filter((taint) => !forAilment.test(taint.key) && keepsOut(taint)) ?? [];
  return meant.every((taint) => pod.spec?.tolerations?.some((toleration) => tolerates(toleration, taint)));
}

function keepsOut({ effect }: V1Taint): boolean {
  return effect !== "PreferNoSchedule";
}

/** As Kubernetes has it: an absent key is any key, an absent effect any effect. What compares numbers is taken to be true: the scheduler is to say no. */
function tolerates({ key, operator = "Equal", value = "", effect }: V1Toleration, taint: V1Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === "Exists";
  return key === taint.key && (operator !== "Equal" || value === (taint.value ?? ""));
}
