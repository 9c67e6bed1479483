import { identify } from "../node/machine.ts";
import type { Environment, Node } from "../script/environment.ts";
import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readResources, readSpecs } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import { Kubernetes } from "./client.ts";

/** A node as far as its way to the Kubernetes API goes. */
export interface ApiClient extends Node {
  readonly role: Environment<"NODE_ROLE">["NODE_ROLE"];
  /** The cluster's endpoint, a URL. */
  readonly endpoint: string;
}

/** From where a node has the control plane's addresses, the surest first: Kubernetes's own list, discovery, which may be off, and its endpoint. */
const sources = ["kube-apiserver", "discovery", "controlplane"];

/**
 * A ready Kubernetes API for a node: a control plane node's own, so that nothing depends on the others; for a worker that of a
 * control plane node which it knows itself, or of the one that answers at the cluster's endpoint.
 */
export async function kubernetesFor(asking: Asking, node: ApiClient): Promise<Reply<Kubernetes>> {
  if (node.role === "controlplane") return kubernetesAt(asking, node.address);
  const known = await endpointsOf(asking, node.address);
  if ("problem" in known) return known;
  const problems: string[] = [];
  // The one that answered last goes first: some of the others may not be reachable from here at all.
  const answered = clients.get(asking.talosctl)?.keys() ?? [];
  for (const address of new Set([...answered, ...known.value, new URL(node.endpoint).hostname.replace(/^\[|\]$/g, "")])) {
    const machine = await identify(asking, { address });
    if (machine.is === "maintenance") continue;
    const reply = machine.is === "ours" ? await kubernetesAt(asking, address) : { problem: machine.why };
    if ("value" in reply) return reply;
    problems.push(`${address}: ${reply.problem}`);
  }
  return { problem: `no Kubernetes API answers (${problems.join("; ") || "no control plane node is known"})` };
}

/** The clients that a script has made, by address: their credentials outlast it, and a node's reboot. */
const clients = new WeakMap<Asking["talosctl"], Map<string, Kubernetes>>();

/** The ready Kubernetes API of one control plane node; its Talos API is not asked where it is said through which other one. */
export async function kubernetesAt(asking: Asking, address: string, through?: string): Promise<Reply<Kubernetes>> {
  const made = clients.get(asking.talosctl) ?? new Map<string, Kubernetes>();
  clients.set(asking.talosctl, made);
  const known = made.get(address);
  const kubernetes = known ? { value: known } : await Kubernetes.at(asking, address, through);
  if ("problem" in kubernetes) return kubernetes;
  const ready = await kubernetes.value.ready();
  if ("value" in ready) {
    made.set(address, kubernetes.value);
    return kubernetes;
  }
  made.delete(address);
  return { problem: `its Kubernetes API: ${ready.problem}` };
}

/** The addresses at which a node has the control plane's Kubernetes API. */
function endpointsOf(asking: Asking, address: string): Promise<Reply<string[]>> {
  return ask(asking, address, ["get", "endpoints", "-o", "json"], (stdout) => {
    const found = new Map(readResources(stdout).map(({ id, spec }) => [id, (spec as { addresses?: string[] }).addresses ?? []]));
    return sources.flatMap((source) => found.get(source) ?? []);
  });
}

/** The control plane nodes that a node has discovered, itself too where it is one: each once for each of its addresses. */
export function controlPlaneOf(asking: Asking, address: string): Promise<Reply<Node[]>> {
  return ask(asking, address, ["get", "members", "-o", "json"], (stdout) => {
    const members = readSpecs(stdout) as { machineType?: string; hostname?: string; addresses?: string[] }[];
    const controlPlane = members.filter(({ machineType }) => machineType === "controlplane");
    return controlPlane.flatMap(({ hostname, addresses = [] }) => addresses.map((one) => ({ hostname: hostname ?? one, address: one })));
  });
}
