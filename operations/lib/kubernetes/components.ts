import type { V1Pod } from "@kubernetes/client-node";
import { nodenameOf } from "../node/running.ts";
import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readResources } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import type { Kubernetes } from "./client.ts";

/** Where Talos says what it is to run of the control plane: the resource of each program. */
const controlPlane = {
  "kube-apiserver": "apiserverconfigs",
  "kube-controller-manager": "controllermanagerconfigs",
  "kube-scheduler": "schedulerconfigs",
} as const;

/** A program of the control plane as a node is to run it. */
export interface Component {
  readonly name: keyof typeof controlPlane;
  readonly image: string;
  /** Of what Talos made the pod of: its pod carries the same once it runs by it. */
  readonly configVersion: string;
}

const versionMark = "talos.dev/config-version";

/** The control plane's programs that a node is to run, as Talos there has it: all but those that its config has switched off. */
export async function componentsOf(asking: Asking, address: string): Promise<Reply<Component[]>> {
  const programs = Object.entries(controlPlane) as [Component["name"], string][];
  const replies = await Promise.all(
    programs.map(([name, type]) => ask(asking, address, ["get", type, "-o", "json"], (stdout) => readComponent(name, stdout))),
  );
  const problem = replies.find((reply) => "problem" in reply);
  return problem ?? { value: replies.flatMap((reply) => ("value" in reply ? reply.value : [])) };
}

function readComponent(name: Component["name"], stdout: string): Component[] {
  const [found] = readResources(stdout);
  const { image, enabled } = (found?.spec ?? {}) as { image?: string; enabled?: boolean };
  if (enabled === false) return [];
  if (!found || !image) throw new Error(`it has no image of ${name} yet`);
  return [{ name, image, configVersion: found.version }];
}

/** The control plane's pods on a node, by its Node's name: the address that its kubelet reports need not be the declared one. */
export async function componentPods(asking: Asking, kubernetes: Kubernetes, address: string): Promise<Reply<V1Pod[]>> {
  const name = await nodenameOf(asking, address);
  if ("problem" in name) return name;
  return kubernetes.core(async (api) => {
    const labelSelector = `k8s-app in (${Object.keys(controlPlane).join(", ")})`;
    const fieldSelector = `spec.nodeName=${name.value}`;
    return (await api.listNamespacedPod({ namespace: "kube-system", labelSelector, fieldSelector })).items;
  });
}

/** Why a node's programs do not run as they are to, or undefined when they do. */
export function componentProblem(components: readonly Component[], pods: readonly V1Pod[]): string | undefined {
  const problems = components.flatMap(({ name, configVersion }) => {
    const pod = pods.find(({ metadata }) => metadata?.labels?.["k8s-app"] === name);
    if (!pod) return `${name} has no pod yet`;
    if (pod.metadata?.annotations?.[versionMark] !== configVersion) return `${name} runs by an older config still`;
    const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
    return ready?.status === "True" ? [] : `${name} is not ready${ready?.message ? ` (${ready.message})` : ""}`;
  });
  return problems.length > 0 ? problems.join(", ") : undefined;
}
