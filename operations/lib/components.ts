import type { V1Pod } from "@kubernetes/client-node";
import type { Asking } from "./asking.ts";
import { reasonOf } from "./failure.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { Reply } from "./reply.ts";
import { readSpec } from "./talosctl-output.ts";

/** A program of the control plane as a node is to run it. */
export interface Component {
  readonly name: "kube-apiserver" | "kube-controller-manager" | "kube-scheduler";
  readonly image: string;
  /** Of what Talos made the pod of: its pod carries the same once it runs by it. */
  readonly configVersion: string;
}

const types = {
  apiserverconfig: "kube-apiserver",
  controllermanagerconfig: "kube-controller-manager",
  schedulerconfig: "kube-scheduler",
} as const;
const versionMark = "talos.dev/config-version";

/** The control plane's programs that a node is to run, as Talos there has it. */
export async function componentsOf({ talosctl }: Asking, address: string): Promise<Reply<Component[]>> {
  const found = await Promise.all(
    Object.entries(types).map(async ([type, name]): Promise<Reply<Component | undefined>> => {
      const answer = await talosctl.node(address, ["get", type, name, "-o", "json"]);
      if (!answer.ok) return { problem: answer.problem };
      try {
        return { value: readComponent(name, answer.stdout) };
      } catch (error) {
        return { problem: reasonOf(error) };
      }
    }),
  );
  for (const one of found) if ("problem" in one) return one;
  return { value: found.flatMap((one) => ("value" in one && one.value ? [one.value] : [])) };
}

function readComponent(name: Component["name"], stdout: string): Component | undefined {
  const { image, enabled } = readSpec(stdout) as { image?: string; enabled?: boolean };
  const { version } = (JSON.parse(stdout) as { metadata: { version?: unknown } }).metadata;
  if (enabled === false) return undefined;
  if (!image || version === undefined) throw new Error(`talosctl printed no image of ${name}`);
  return { name, image, configVersion: String(version) };
}

/** The control plane's pods on a node. */
export function componentPods(kubernetes: Kubernetes, address: string): Promise<Reply<V1Pod[]>> {
  return kubernetes.core(async (api) => {
    const labelSelector = `k8s-app in (${Object.values(types).join(", ")})`;
    const { items } = await api.listNamespacedPod({ namespace: "kube-system", labelSelector });
    return items.filter(({ status }) => status?.hostIP === address);
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
