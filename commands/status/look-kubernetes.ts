import type { V1Node, V1Pod } from "@kubernetes/client-node";
import type { Images } from "../../cluster/kubernetes-images.ts";
import type { Reply } from "../../cluster/reply.ts";
import type { KubernetesSight } from "../../cluster/status/sight.ts";
import { Kubernetes, whyNotReady } from "../../operations/lib/kubernetes/client.ts";
import { controlPlane } from "../../operations/lib/kubernetes/components.ts";
import { cordonMark } from "../../operations/lib/kubernetes/cordon.ts";
import type { Asking } from "../../operations/lib/talosctl/asking.ts";
import { firstOf } from "../../operations/lib/talosctl/reply.ts";

/** The cluster's Nodes by their names; undefined where nobody can be asked because no control plane node is configured yet. */
export type KubernetesView = Reply<ReadonlyMap<string, KubernetesSight>> | undefined;

/** Asks the control plane nodes that are ours, all at once, and takes the first answer. */
export async function lookAtKubernetes(asking: Asking, addresses: readonly string[]): Promise<KubernetesView> {
  if (addresses.length === 0) return undefined;
  const asked = addresses.map(async (address) => {
    const view = await viewFrom(asking, address);
    return "value" in view ? view : { problem: `${address}: ${view.problem}` };
  });
  const first = await firstOf(asked);
  return "value" in first ? first : { problem: `no Kubernetes API answers (${first.problem})` };
}

async function viewFrom(asking: Asking, address: string): Promise<Reply<ReadonlyMap<string, KubernetesSight>>> {
  const kubernetes = await Kubernetes.at(asking, address);
  if ("problem" in kubernetes) return kubernetes;
  const [nodes, pods] = await Promise.all([
    kubernetes.value.core(async (api) => (await api.listNode()).items),
    kubernetes.value.core(async (api) => (await api.listNamespacedPod({ namespace: "kube-system" })).items),
  ]);
  if ("problem" in nodes) return nodes;
  if ("problem" in pods) return pods;
  return { value: new Map(nodes.value.map((node) => [node.metadata?.name ?? "", sightOf(node, pods.value)])) };
}

function sightOf(node: V1Node, pods: readonly V1Pod[]): KubernetesSight {
  const { metadata, spec, status } = node;
  const notReady = whyNotReady(node);
  const mark = metadata?.annotations?.[cordonMark];
  return {
    ...(notReady ? { notReady } : {}),
    cordoned: spec?.unschedulable === true,
    ...(mark ? { cordonedBy: mark } : {}),
    kubelet: status?.nodeInfo?.kubeletVersion ?? "unknown",
    images: imagesOf(pods.filter((pod) => pod.spec?.nodeName === metadata?.name)),
  };
}

function imagesOf(pods: readonly V1Pod[]): Images {
  const containers = pods.flatMap(({ spec }) => spec?.containers ?? []);
  return Object.fromEntries(containers.filter(({ name }) => name in controlPlane).map(({ name, image = "" }) => [name, image]));
}
