import { imagesIn, readImage } from "../../../cluster/kubernetes-images.ts";
import { kubernetesFor } from "../kubernetes/api.ts";
import { type Kubernetes, unlessAbsent } from "../kubernetes/client.ts";
import { staticPodProblem } from "../kubernetes/static-pods.ts";
import { healthy, type Patient } from "../node/health.ts";
import { nodenameOf } from "../node/running.ts";
import { serviceAilment } from "../node/service.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import type { DeclaredConfig } from "./declared-config.ts";

/** Whether a node works by its config: what `healthy` asks for, the kubelet in the declared version, and the control plane's pods by what Talos last made of them. */
export async function worksBy(operation: Operation, node: Patient, config: DeclaredConfig): Promise<Look<void>> {
  const kubelet = await serviceAilment(operation, node.address, "kubelet");
  if ("problem" in kubelet) return { pending: kubelet.problem };
  if (kubelet.value) return { pending: kubelet.value };
  if (node.role === "controlplane" && !node.member) return { done: undefined }; // no cluster yet that could know its Node
  const look = await healthy(operation, node);
  if ("pending" in look) return look;
  const kubernetes = await kubernetesFor(operation, node);
  if ("problem" in kubernetes) return { pending: kubernetes.problem };
  const problem =
    (await versionProblem(operation, kubernetes.value, node, config)) ??
    (node.role === "controlplane" ? await staticPodProblem(operation, kubernetes.value, node.address) : undefined);
  return problem ? { pending: problem } : { done: undefined };
}

/** Why the kubelet is not the declared one, as far as its Node and the image's tag tell. */
async function versionProblem(
  operation: Operation,
  kubernetes: Kubernetes,
  node: Patient,
  config: DeclaredConfig,
): Promise<string | undefined> {
  const declared = readImage(imagesIn(config.text).kubelet ?? "")?.version;
  if (!declared) return undefined;
  const name = await nodenameOf(operation, node.address);
  if ("problem" in name) return name.problem;
  const found = await kubernetes.core((api) => unlessAbsent(api.readNode({ name: name.value })));
  if ("problem" in found) return found.problem;
  const running = found.value?.status?.nodeInfo?.kubeletVersion;
  return running === undefined || running === declared ? undefined : `its kubelet reports ${running} still, and is declared as ${declared}`;
}
