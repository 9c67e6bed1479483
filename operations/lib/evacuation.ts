import { kubernetesFor } from "./api.ts";
import type { Asking } from "./asking.ts";
import { type CordonedBy, cordon, cordonMark, uncordon } from "./cordon.ts";
import { drain } from "./drain.ts";
import { etcdState } from "./etcd-state.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import type { Reply } from "./reply.ts";
import type { RollingNode } from "./rolling-node.ts";
import { nodenameOf, nodeStatusOf, statusOf } from "./running.ts";
import { type Look, lookAt } from "./wait.ts";

/** Cordons a node and drains it. */
export async function evacuate(operation: Operation, node: RollingNode, by: CordonedBy): Promise<void> {
  const { kubernetes, name } = await operation.wait(`the Kubernetes API for ${nameOf(node)}`, async () =>
    lookAt(await nodeObject(operation, node)),
  );
  const outcome = await operation.wait(`the Node ${name} to be cordoned`, async () => {
    operation.fence();
    return lookAt(await cordon(kubernetes, name, by));
  });
  if (outcome === "absent") return operation.say(`${nameOf(node)} has no Kubernetes Node, so there is nothing to drain`);
  await drain(operation, kubernetes, name, node.drainTimeout);
}

/** Uncordons a node that a script cordoned; a person's cordon stays. */
export async function reopen(operation: Operation, node: RollingNode): Promise<void> {
  await operation.wait(`${nameOf(node)} to be uncordoned`, async () => lookAt(await tryToReopen(operation, node)));
}

/** The same, tried once. */
export async function tryToReopen(operation: Operation, node: RollingNode): Promise<Reply<unknown>> {
  const found = await nodeObject(operation, node);
  if ("problem" in found) return found;
  operation.fence();
  return uncordon(found.value.kubernetes, found.value.name);
}

/**
 * Whether a script's cordon is on a node, by what the node itself knows of its Kubernetes Node. One that has only just booted knows nothing
 * yet; one that is all well and knows nothing has no Node, and neither has a control plane node of a cluster that was never started.
 */
export async function wasLeftCordoned(asking: Asking, node: RollingNode): Promise<Look<boolean>> {
  const known = await nodeStatusOf(asking, node.address);
  if ("problem" in known) return { pending: known.problem };
  if (known.value) return { done: known.value.annotations?.[cordonMark] !== undefined };
  const machine = await statusOf(asking, node.address);
  if ("problem" in machine) return { pending: machine.problem };
  if (machine.value.ready) return { done: false };
  if (node.role === "controlplane" && (await etcdState(asking, node)).state === "waiting") return { done: false };
  return { pending: `it is ${machine.value.stage} and knows nothing of its Kubernetes Node yet` };
}

async function nodeObject(asking: Asking, node: RollingNode): Promise<Reply<{ kubernetes: Kubernetes; name: string }>> {
  const [kubernetes, name] = await Promise.all([kubernetesFor(asking, node), nodenameOf(asking, node.address)]);
  if ("problem" in kubernetes) return kubernetes;
  return "problem" in name ? name : { value: { kubernetes: kubernetes.value, name: name.value } };
}
