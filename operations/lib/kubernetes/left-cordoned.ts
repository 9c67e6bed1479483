import { etcdState } from "../etcd/state.ts";
import type { RollingNode } from "../node/rolling-node.ts";
import { nodeStatusOf, statusOf } from "../node/running.ts";
import type { Look } from "../script/wait.ts";
import type { Asking } from "../talosctl/asking.ts";
import { cordonMark } from "./cordon.ts";

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
