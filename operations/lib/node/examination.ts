import type { Images } from "../../../cluster/kubernetes-images.ts";
import { kubernetesPath, runningPairProblem, talosPath } from "../../../cluster/upgrade-path.ts";
import { isOlder } from "../../../cluster/versions.ts";
import { etcdState } from "../etcd/state.ts";
import { kubernetesImages, versionsOf } from "../kubernetes/running-kubernetes.ts";
import type { Environment } from "../script/environment.ts";
import type { Asking } from "../talosctl/asking.ts";
import { nameOf, occupantOf } from "./machine.ts";
import { type Running, versionOf } from "./running.ts";

/** A declared node, with the schematic that it is to have. */
export type ListedNode = Environment<"NODES">["NODES"][number];

/** What the whole cluster is to run. */
export interface Declared {
  readonly talos: string;
  readonly kubernetes: string;
  readonly allowDowngrade: boolean;
}

/** What was found at a declared node's address. */
export type Found =
  | { readonly found: "maintenance" }
  | { readonly found: "foreign" | "unknown"; readonly why: string }
  /** It runs; `member` says whether as a member of etcd. */
  | { readonly found: "running"; readonly member: boolean; readonly talos: Running; readonly kubernetes: Images };

/** A declared node with what was found there. */
export interface Examined {
  readonly node: ListedNode;
  readonly is: Found;
}

/** Finds out what is at a declared node's address. */
export async function examine(asking: Asking, node: ListedNode): Promise<Examined> {
  return { node, is: await find(asking, node) };
}

async function find(asking: Asking, node: ListedNode): Promise<Found> {
  const occupant = await occupantOf(asking, node);
  if (occupant.is === "maintenance") return { found: "maintenance" };
  if (occupant.is === "another") return { found: "foreign", why: `it is the node ${occupant.called}` };
  if (occupant.is !== "ours") return { found: occupant.is, why: occupant.why };

  const [etcd, talos] = await Promise.all([
    node.role === "controlplane" ? etcdState(asking, node) : undefined,
    versionOf(asking, node.address),
  ]);
  if (etcd && etcd.state !== "member" && etcd.state !== "waiting") return { found: "unknown", why: etcd.why };
  if ("problem" in talos) return { found: "unknown", why: talos.problem };
  const member = etcd?.state === "member";
  const kubernetes = await kubernetesImages(asking, { ...node, member });
  if ("problem" in kubernetes) return { found: "unknown", why: kubernetes.problem };
  return { found: "running", member, talos: talos.value, kubernetes: kubernetes.value };
}

/** Whether a running node runs what is declared. */
export function isAsDeclared({ node, is }: Examined, { talos, kubernetes }: Declared): boolean {
  if (is.found !== "running") return true;
  const versions = versionsOf(is.kubernetes);
  return is.talos.version === talos && is.talos.schematic === node.schematicId && versions.every((version) => version === kubernetes);
}

/** Whether Kubernetes is upgraded on a control plane node: what comes with a kubelet's config is no upgrade-k8s. */
export function movesKubernetes({ is }: Examined, { kubernetes }: Declared): boolean {
  if (is.found !== "running") return false;
  const { kubelet: _, ...controlPlane } = is.kubernetes;
  return versionsOf(controlPlane).some((version) => version !== kubernetes);
}

/** Why the declared versions cannot be gone to from what runs, one sentence for each problem of each node. */
export function nodeProblems(nodes: readonly Examined[], declared: Declared): string[] {
  return nodes.flatMap(({ node, is }) => {
    if (is.found !== "running") return [];
    const { kubelet, ...controlPlane } = is.kubernetes;
    const problems = [
      talosPath(is.talos.version, declared.talos, declared),
      ...versionsOf(is.kubernetes).map((version) => runningPairProblem(is.talos.version, declared.talos, version)),
      ...versionsOf(controlPlane).map((version) => kubernetesPath(version, declared.kubernetes)),
      // A kubelet may be behind the control plane by more than one minor version, and follows in one step.
      ...versionsOf({ kubelet }).map((version) =>
        isOlder(declared.kubernetes, version) ? kubernetesPath(version, declared.kubernetes) : undefined,
      ),
    ];
    return [...new Set(problems)].flatMap((problem) => (problem ? `${nameOf(node)}: ${problem}.` : []));
  });
}
