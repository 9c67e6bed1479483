import { statusAilment } from "../etcd/ailments.ts";
import { memberStatus } from "../etcd/members.ts";
import { type ApiClient, kubernetesFor } from "../kubernetes/api.ts";
import { type Kubernetes, unlessAbsent, whyNotReady } from "../kubernetes/client.ts";
import { hasNetwork, networkOn } from "../kubernetes/network.ts";
import type { Look } from "../script/wait.ts";
import type { Asking } from "../talosctl/asking.ts";
import { bootId, nodenameOf } from "./running.ts";
import { serviceAilment } from "./service.ts";

/** A node with what it is to be healthy at. */
export interface Patient extends ApiClient {
  /** Whether it is a member of etcd. A control plane node that is none runs no API server either, and what it does have is not asked for. */
  readonly member: boolean;
}

/** Whether a node is back at its work: its etcd member, its API server, and its Node in this boot where a network plugin runs. */
export async function healthy(asking: Asking, node: Patient): Promise<Look<void>> {
  if (node.role === "controlplane") {
    if (!node.member) return { done: undefined };
    const problem = await etcdProblem(asking, node.address);
    if (problem) return { pending: problem };
  }
  const kubernetes = await kubernetesFor(asking, node);
  if ("problem" in kubernetes) return { pending: kubernetes.problem };
  const [name, boot] = await Promise.all([nodenameOf(asking, node.address), bootId(asking, node.address)]);
  if ("problem" in name) return { pending: name.problem };
  if ("problem" in boot) return { pending: boot.problem };
  const problem = await nodeProblem(kubernetes.value, name.value, boot.value);
  return problem ? { pending: problem } : { done: undefined };
}

async function etcdProblem(asking: Asking, address: string): Promise<string | undefined> {
  const ailment = await serviceAilment(asking, address, "etcd");
  if ("problem" in ailment) return ailment.problem;
  if (ailment.value) return ailment.value;
  const problem = statusAilment(await memberStatus(asking, address));
  return problem && `its etcd member ${problem}`;
}

/** Why a Node is not Ready in this boot, or undefined when it is. Before the cluster has a network no node ever is, and none is asked to be. */
async function nodeProblem(kubernetes: Kubernetes, name: string, boot: string): Promise<string | undefined> {
  const [network, node] = await Promise.all([networkOn(kubernetes, name), kubernetes.core((api) => unlessAbsent(api.readNode({ name })))]);
  if ("problem" in network) return network.problem;
  if (network.value.is === "absent") {
    const installed = await hasNetwork(kubernetes);
    if ("problem" in installed) return installed.problem;
    if (!installed.value) return undefined;
  }
  if ("problem" in node) return node.problem;
  // What Kubernetes says may still be of the time before the reboot.
  if (node.value?.status?.nodeInfo?.bootID !== boot) return `the Node ${name} has not reported since the boot`;
  if (network.value.is !== "ready") return network.value.why;
  const problem = whyNotReady(node.value);
  return problem && `the Node ${name}: ${problem}`;
}
