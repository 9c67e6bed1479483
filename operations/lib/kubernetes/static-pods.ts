import type { V1Pod } from "@kubernetes/client-node";
import { nodenameOf } from "../node/running.ts";
import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readSpecs } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import type { Call } from "../talosctl/talosctl.ts";
import type { Kubernetes } from "./client.ts";
import { type Component, componentsOf, controlPlane } from "./components.ts";

/** What Talos has written for the control plane's programs on a node: another version each time that it did so anew. */
export interface Written {
  /** Of the API server's files: audit policy, admission control and authorization. */
  readonly files: string;
  /** Of keys, certificates and kubeconfigs. */
  readonly secrets: string;
}

/** Which of the programs are asked for, all unless said, and through whom their node is. */
type Asked = Pick<Call, "through"> & { readonly only?: Component["name"] };

/**
 * Why the control plane's programs on a node do not run as Talos there last made them of its config, or undefined when they do. The kubelet looks for
 * static pods every 20 seconds: until then those of before may all be well.
 */
export async function staticPodProblem(
  asking: Asking,
  kubernetes: Kubernetes,
  address: string,
  asked: Asked = {},
): Promise<string | undefined> {
  const { only, ...call } = asked;
  const [components, files, secrets, pods] = await Promise.all([
    componentsOf(asking, address, call),
    versionWritten(asking, address, "configstatuses", call),
    versionWritten(asking, address, "secretstatuses", call),
    podsOf(asking, kubernetes, address, call),
  ]);
  if ("problem" in components) return components.problem;
  if ("problem" in files) return files.problem;
  if ("problem" in secrets) return secrets.problem;
  if ("problem" in pods) return pods.problem;
  const programs = components.value.filter(({ name }) => !only || name === only);
  return podProblem(programs, { files: files.value, secrets: secrets.value }, pods.value);
}

function versionWritten(asking: Asking, address: string, type: "configstatuses" | "secretstatuses", call: Call): Promise<Reply<string>> {
  return ask(
    asking,
    address,
    ["get", type, "-o", "json"],
    (stdout) => {
      const [status] = readSpecs(stdout) as { version?: string }[];
      if (!status?.version) throw new Error("it has not written the files of its control plane yet");
      return status.version;
    },
    call,
  );
}

/** The control plane's pods on a node, by its Node's name: the address that its kubelet reports need not be the declared one. */
async function podsOf(asking: Asking, kubernetes: Kubernetes, address: string, call: Call): Promise<Reply<V1Pod[]>> {
  const name = await nodenameOf(asking, address, call);
  if ("problem" in name) return name;
  return kubernetes.core(async (api) => {
    const labelSelector = `k8s-app in (${Object.keys(controlPlane).join(", ")})`;
    const fieldSelector = `spec.nodeName=${name.value}`;
    return (await api.listNamespacedPod({ namespace: "kube-system", labelSelector, fieldSelector })).items;
  });
}

/** Why pods are not those of the programs that are to run, with all that Talos wrote for them, and ready; undefined when they are. */
export function podProblem(components: readonly Component[], written: Written, pods: readonly V1Pod[]): string | undefined {
  const problems = components.flatMap((component) => {
    const { name } = component;
    const pod = pods.find(({ metadata }) => metadata?.labels?.["k8s-app"] === name);
    if (!pod) return `${name} has no pod yet`;
    const marks = marksOf(component, written);
    if (marks.some(([mark, version]) => pod.metadata?.annotations?.[mark] !== version)) return `${name} runs by an older config still`;
    const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
    return ready?.status === "True" ? [] : `${name} is not ready${ready?.message ? ` (${ready.message})` : ""}`;
  });
  return problems.length > 0 ? problems.join(", ") : undefined;
}

/** The annotations that Talos puts on a program's static pod (control_plane_static_pod.go of v1.8 to v1.14): only the API server has files. */
function marksOf({ name, configVersion }: Component, { files, secrets }: Written): [mark: string, version: string][] {
  return [
    ["talos.dev/config-version", configVersion],
    ["talos.dev/secrets-version", secrets],
    ...(name === "kube-apiserver" ? ([["talos.dev/config-file-version", files]] as [string, string][]) : []),
  ];
}
