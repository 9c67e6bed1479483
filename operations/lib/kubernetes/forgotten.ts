import type { V1ConfigMap } from "@kubernetes/client-node";
import { isMemberElsewhere } from "../etcd/leave.ts";
import type { Node } from "../script/environment.ts";
import type { Asking } from "../talosctl/asking.ts";
import type { Reply } from "../talosctl/reply.ts";
import { asMergePatch, type Kubernetes, unlessAbsent } from "./client.ts";
import { throughKubernetes } from "./peers.ts";

/** A node that a person can declare lost. A machine that took its place has the next generation, of which nobody has said so. */
export interface Losable extends Node {
  readonly generation: number;
}

const namespace = "kube-system";
const name = "phoebe-forgotten";

/** Writes down in the cluster that a person said that a node is lost: whoever runs the stack next, from wherever, finds it there. */
export function markForgotten(kubernetes: Kubernetes, node: Losable): Promise<Reply<void>> {
  const { address, generation } = node;
  const mark = JSON.stringify({ address, generation, since: new Date().toISOString() });
  return kubernetes.core(async (api) => {
    const data = { [node.hostname]: mark };
    if (!(await unlessAbsent(patch(api, data)))) await api.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data } });
  });
}

/** Takes the mark away, once it has served. */
export function unmarkForgotten(kubernetes: Kubernetes, node: Node): Promise<Reply<void>> {
  return kubernetes.core(async (api) => {
    await unlessAbsent(patch(api, { [node.hostname]: null }));
  });
}

/**
 * Whether a node is gone although nobody could reset it: a person said so, of this generation of it, and neither etcd nor Kubernetes knows
 * it any more. Where one of them knows it again, the machine was not lost after all.
 */
export async function isForgotten(asking: Asking, node: Losable, peers: readonly Node[]): Promise<Reply<boolean>> {
  const marked = await throughKubernetes(asking, peers, async (kubernetes) => {
    const known = await kubernetes.core(async (api) => ({
      marks: await unlessAbsent(api.readNamespacedConfigMap({ namespace, name })),
      node: await unlessAbsent(api.readNode({ name: node.hostname })),
    }));
    return "problem" in known ? known : { value: isMarked(known.value.marks, node) && known.value.node === undefined };
  });
  if (!marked || "problem" in marked || !marked.value) return marked ?? { value: false };
  const member = await isMemberElsewhere(asking, node, peers);
  return "problem" in member ? member : { value: !member.value };
}

function isMarked(marks: V1ConfigMap | undefined, node: Losable): boolean {
  const mark = marks?.data?.[node.hostname];
  try {
    const said = JSON.parse(mark ?? "null") as { address?: unknown; generation?: unknown } | null;
    return said?.address === node.address && said.generation === node.generation;
  } catch {
    return false; // not as it was written here
  }
}

type CoreV1Api = Parameters<Parameters<Kubernetes["core"]>[0]>[0];

async function patch(api: CoreV1Api, data: Record<string, string | null>): Promise<V1ConfigMap> {
  return api.patchNamespacedConfigMap({ namespace, name, body: { data } }, await asMergePatch());
}
