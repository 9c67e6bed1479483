/** The name of a node's Kubernetes Node, whose names take no capitals: as Talos makes it of the hostname (nodename.FromHostname). */
export function nodename({ hostname }: { readonly hostname: string }): string {
  return hostname.toLowerCase();
}

/** Whether two hostnames mean one machine: capitals do not tell them apart. */
export function sameHostname(one: string, other: string): boolean {
  return nodename({ hostname: one }) === nodename({ hostname: other });
}
