import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readResources } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";

/** Where every node has its config and its data. */
const always = ["STATE", "EPHEMERAL"];

/** What is a directory on EPHEMERAL, but from Talos 1.14 on may be a partition of its own, by a VolumeConfig: its data then outlasts EPHEMERAL's. */
const dedicated = ["ETCD", "CRI", "KUBELET", "LOG"];

/** The volumes that make a machine the node that it is, by their IDs, which a reset calls labels. One without a place of its own cannot be wiped alone. */
export function nodeVolumes(asking: Asking, address: string): Promise<Reply<string[]>> {
  return ask(asking, address, ["get", "volumestatus", "-o", "json"], (stdout) => {
    const volumes = readResources(stdout).map(({ id, spec }) => ({ id, ...(spec as { location?: string }) }));
    const located = volumes.filter(({ location }) => location).map(({ id }) => id);
    const missing = always.filter((id) => !located.includes(id));
    if (missing.length > 0) throw new Error(`it does not say where it has ${missing.join(" and ")}`);
    return [...always, ...dedicated.filter((id) => located.includes(id))];
  });
}
