import type { Asking } from "./asking.ts";
import type { Node } from "./environment.ts";
import { reasonOf } from "./failure.ts";
import { identify } from "./machine.ts";
import type { Reply } from "./reply.ts";
import { readListing, readService } from "./talosctl-output.ts";

/** What a control plane node answers to "is the cluster new?". */
export type NodeState = "maintenance" | "waiting" | "member" | "foreign" | "unknown";

/** A node's answer, and what it rests on. */
export interface Answer {
  readonly state: NodeState;
  readonly why: string;
}

/** Asks one declared control plane node. */
export async function etcdState(asking: Asking, node: Node): Promise<Answer> {
  const machine = await identify(asking, node);
  if (machine.is === "maintenance") return { state: "maintenance", why: "in maintenance mode" };
  if (machine.is !== "ours") return { state: machine.is, why: machine.why };

  const service = await asking.talosctl.node(node.address, ["service", "etcd"]);
  if (!service.ok) return { state: "unknown", why: service.problem };
  // After the service, never before: see judge.
  const listing = await asking.talosctl.node(node.address, ["list", "/var/lib/etcd"]);
  if (!listing.ok) return { state: "unknown", why: listing.problem };
  try {
    return judge(readService(service.stdout).state, readListing(listing.stdout));
  } catch (error) {
    return { state: "unknown", why: reasonOf(error) };
  }
}

/**
 * Judges by what Talos itself judges by, the data folder; but only believes that it is empty while etcd's service is in
 * its preparation, where it looks for a cluster to join until it is told to bootstrap: the disk is mounted from just
 * before that state on. Earlier in a boot a member's folder would be seen empty as well.
 */
export function judge(service: string, entries: readonly string[]): Answer {
  if (entries.length > 0) return { state: "member", why: "has etcd data" };
  if (service === "Preparing") return { state: "waiting", why: "etcd was never started" };
  return { state: "unknown", why: `its etcd is ${service} and has no data` };
}

/** A node's etcd as Talos there has its service. `ailment` says why it is not well; there is none where it runs and is part of a quorum. */
export interface EtcdService {
  readonly state: string;
  readonly ailment?: string;
}

/** Asks for a node's etcd. */
export async function etcdService({ talosctl }: Asking, address: string): Promise<Reply<EtcdService>> {
  const service = await talosctl.node(address, ["service", "etcd"]);
  if (!service.ok) return { problem: service.problem };
  try {
    const { state, health } = readService(service.stdout);
    const isWell = state === "Running" && health === "OK";
    return { value: isWell ? { state } : { state, ailment: `its etcd is ${state}, health ${health}` } };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

/** Why a node's etcd is not well, or undefined where it is. */
export async function etcdAilment(asking: Asking, address: string): Promise<Reply<string | undefined>> {
  const service = await etcdService(asking, address);
  return "problem" in service ? service : { value: service.value.ailment };
}
