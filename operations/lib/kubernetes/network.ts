import type { V1Pod } from "@kubernetes/client-node";
import type { Reply } from "../talosctl/reply.ts";
import type { Kubernetes } from "./client.ts";

/** Where kubelets look for a network plugin's config; some plugins mount its parent. */
const cniFolder = "/etc/cni";

/**
 * Whether a pod installs a network plugin anywhere in the cluster. Where none does there never was a network: no node can be Ready, and nothing that
 * waits for one would end. That a single node has no such pod at the moment says nothing: it may just be replaced.
 */
export async function hasNetwork(kubernetes: Kubernetes): Promise<Reply<boolean>> {
  const pods = await kubernetes.core(async (api) => (await api.listPodForAllNamespaces()).items);
  return "problem" in pods ? pods : { value: pods.value.some(installsNetwork) };
}

/** What there is of a network plugin on a node, and why that is not enough. */
export type Network = { readonly is: "ready" } | { readonly is: "starting" | "absent"; readonly why: string };

/** Judges by the pods on the node itself that install a network plugin: one has to be ready. A DaemonSet counts as ready too early. */
export async function networkOn(kubernetes: Kubernetes, nodeName: string): Promise<Reply<Network>> {
  const pods = await kubernetes.podsOn(nodeName);
  if ("problem" in pods) return pods;
  const installers = pods.value.filter(installsNetwork);
  if (installers.length === 0) return { value: { is: "absent", why: "no pod of a network plugin is there yet" } };
  const isReady = ({ status }: V1Pod) => status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  if (installers.some(isReady)) return { value: { is: "ready" } };
  return { value: { is: "starting", why: `${installers.map(({ metadata }) => metadata?.name).join(", ")} not ready` } };
}

function installsNetwork({ spec }: V1Pod): boolean {
  return spec?.volumes?.some(({ hostPath }) => hostPath && `${hostPath.path}/`.startsWith(`${cniFolder}/`)) ?? false;
}
