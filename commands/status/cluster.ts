import { type ClusterStatus, judge } from "../../cluster/status/status.ts";
import { membersOf } from "../../operations/lib/etcd/members.ts";
import { identify } from "../../operations/lib/node/machine.ts";
import type { Asking } from "../../operations/lib/talosctl/asking.ts";
import { Talosctl } from "../../operations/lib/talosctl/talosctl.ts";
import type { DeclaredCluster } from "./declared.ts";
import { lookAtNode } from "./look.ts";
import { lookAtKubernetes } from "./look-kubernetes.ts";
import type { Client } from "./talosconfig.ts";

/** Looks at all nodes of a cluster side by side. `rendered` are their machine configs as of the last up, by hostname. */
export async function look(
  { clusterName, nodes, renderings }: DeclaredCluster,
  client: Client,
  rendered: Readonly<Record<string, string>>,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<ClusterStatus> {
  const asking: Asking = {
    env: { CLUSTER_NAME: clusterName, TALOS_CA: client },
    talosctl: new Talosctl(client, folder, signal, () => () => {}),
    signal,
  };
  const machines = await Promise.all(nodes.map(async (node) => ({ node, machine: await identify(asking, node) })));
  const ours = machines.filter(({ node, machine }) => node.role === "controlplane" && machine.is === "ours");
  const addresses = ours.map(({ node }) => node.address);
  const [kubernetes, members] = await Promise.all([lookAtKubernetes(asking, addresses), membersBy(asking, addresses)]);
  const sights = await Promise.all(
    machines.map(async ({ node: declared, machine }) => {
      const { hostname } = declared;
      const known: [string, ...string[]] = [renderings.get(hostname) ?? "", ...(rendered[hostname] ? [rendered[hostname]] : [])];
      return { declared, seen: await lookAtNode(asking, declared, machine, kubernetes, known) };
    }),
  );
  const cluster = kubernetes && "value" in kubernetes ? { members, nodes: [...kubernetes.value.keys()] } : undefined;
  return judge(clusterName, sights, cluster);
}

/** etcd's members, asked of the first node that says. */
async function membersBy(asking: Asking, addresses: readonly string[]): Promise<string[]> {
  for (const address of addresses) {
    const members = await membersOf(asking, address);
    if ("value" in members) return members.value.map((member) => member.hostname || member.addresses[0]);
  }
  return [];
}
