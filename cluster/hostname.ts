/** What a hostname is made of, so that a node's Kubernetes Node is called the same: Talos makes that name of it (nodename.FromHostname). */
export const hostnamePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether two hostnames mean one machine. One that a machine or etcd tells may have capitals, which do not tell two apart. */
export function sameHostname(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
