import type { Problem } from "./problems.ts";
import type { Cluster } from "./schema.ts";
import { isNewerMinor, pairProblem } from "./versions.ts";

/** What is wrong between values that are each well-formed. What is absent was reported already and is passed over. */
export function crossChecks(cluster: Partial<Cluster>): Problem[] {
  return [
    ...duplicates(cluster, "hostname"),
    ...duplicates(cluster, "address"),
    ...controlPlane(cluster),
    ...scheduling(cluster),
    ...endpoint(cluster),
    ...versions(cluster),
  ];
}

function duplicates({ nodes = [] }: Partial<Cluster>, key: "hostname" | "address"): Problem[] {
  const first = new Map<string, number>();
  return nodes.flatMap((node, index) => {
    const earlier = first.get(node[key]);
    if (earlier === undefined) {
      first.set(node[key], index);
      return [];
    }
    return [{ path: `nodes[${index}].${key}`, value: node[key], repair: `is taken by nodes[${earlier}]; every node has its own` }];
  });
}

function controlPlane({ nodes }: Partial<Cluster>): Problem[] {
  if (!nodes || nodes.some((node) => node.role === "controlplane")) return [];
  return [{ path: "nodes", repair: "no node has the role controlplane; give it to at least one" }];
}

function scheduling({ nodes, allowSchedulingOnControlPlanes }: Partial<Cluster>): Problem[] {
  if (!nodes || allowSchedulingOnControlPlanes !== false || nodes.some((node) => node.role === "worker")) return [];
  return [
    {
      path: "allowSchedulingOnControlPlanes",
      value: false,
      repair: "no node may run pods; set it to true, or add a node with the role worker",
    },
  ];
}

function endpoint({ endpoint: url, nodes = [] }: Partial<Cluster>): Problem[] {
  const [, host, port] = url?.match(/^https:\/\/(.+):(\d+)$/) ?? [];
  const problems: Problem[] = [];
  if (port && (Number(port) < 1 || Number(port) > 65_535)) {
    problems.push({ path: "endpoint", value: url, repair: "expected a port from 1 to 65535" });
  }
  const worker = nodes.find((node) => node.role === "worker" && node.address === host);
  if (worker) {
    problems.push({ path: "endpoint", value: url, repair: `is the address of the worker ${worker.hostname}, which runs no API server` });
  }
  return problems;
}

function versions({ talosVersion, talosContract, kubernetesVersion }: Partial<Cluster>): Problem[] {
  const problems: Problem[] = [];
  const pair = talosVersion && kubernetesVersion ? pairProblem(talosVersion, kubernetesVersion) : undefined;
  if (pair) problems.push({ path: "kubernetesVersion", value: kubernetesVersion, repair: `${pair}; declared is Talos ${talosVersion}` });
  if (talosContract && talosVersion && isNewerMinor(talosContract, talosVersion)) {
    problems.push({
      path: "talosContract",
      value: talosContract,
      repair: `is newer than talosVersion ${talosVersion}, which would not know its keys; it is the version that the cluster was born with`,
    });
  }
  return problems;
}
