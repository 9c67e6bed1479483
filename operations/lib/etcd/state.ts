import { identify } from "../node/machine.ts";
import { serviceOf } from "../node/service.ts";
import type { Node } from "../script/environment.ts";
import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readListing } from "../talosctl/output.ts";

/** What a control plane node answers to "is the cluster new?". */
export type NodeState = "maintenance" | "waiting" | "member" | "foreign" | "unknown";

/** A node's answer, and what it rests on. */
export interface EtcdAnswer {
  readonly state: NodeState;
  readonly why: string;
}

/** A declared control plane node with its answer. */
export interface Answered extends EtcdAnswer {
  readonly node: Node;
}

/** Asks declared control plane nodes side by side. */
export function etcdStates(asking: Asking, nodes: readonly Node[]): Promise<Answered[]> {
  return Promise.all(nodes.map(async (node) => ({ node, ...(await etcdState(asking, node)) })));
}

/** Asks one declared control plane node. */
export async function etcdState(asking: Asking, node: Node): Promise<EtcdAnswer> {
  const machine = await identify(asking, node);
  if (machine.is === "maintenance") return { state: "maintenance", why: "in maintenance mode" };
  if (machine.is !== "ours") return { state: machine.is, why: machine.why };

  const service = await serviceOf(asking, node.address, "etcd");
  if ("problem" in service) return { state: "unknown", why: service.problem };
  // After the service, never before: see judgeEtcdState.
  const listing = await ask(asking, node.address, ["list", "/var/lib/etcd"], readListing);
  return "problem" in listing ? { state: "unknown", why: listing.problem } : judgeEtcdState(service.value.state, listing.value);
}

/**
 * Judges by what Talos itself judges by, the data folder; but only believes that it is empty while etcd's service is in
 * its preparation, where it looks for a cluster to join until it is told to bootstrap: the disk is mounted from just
 * before that state on. Earlier in a boot a member's folder would be seen empty as well.
 */
export function judgeEtcdState(service: string, entries: readonly string[]): EtcdAnswer {
  if (entries.length > 0) return { state: "member", why: "has etcd data" };
  if (service === "Preparing") return { state: "waiting", why: "etcd was never started" };
  return { state: "unknown", why: `its etcd is ${service} and has no data` };
}
