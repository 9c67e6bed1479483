import type { Problem } from "./problems.ts";
import type { Cluster } from "./schema.ts";
import { isNewerMinor, newestContract, pairProblem, talosProblem } from "./versions.ts";

/** What is wrong between values that are each well-formed. What is absent was reported already and is passed over. */
export function crossChecks(cluster: Partial<Cluster>): Problem[] {
  return [
    ...duplicates(cluster, "hostname"),
    ...duplicates(cluster, "address"),
    ...addresses(cluster),
    ...controlPlane(cluster),
    ...scheduling(cluster),
    ...endpoint(cluster),
    ...versions(cluster),
    ...adoption(cluster),
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

/** An address by which no machine can be reached, although it is written like one. */
function addresses({ nodes = [] }: Partial<Cluster>): Problem[] {
  return nodes.flatMap(({ address }, index) => {
    const first = Number(address.split(".", 1)[0]);
    if (first > 0 && first < 224) return [];
    return [
      {
        path: `nodes[${index}].address`,
        value: address,
        repair: "is no address of a machine; expected one from 1.0.0.0 to 223.255.255.255",
      },
    ];
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
  if (host && !URL.canParse(`https://${host}`)) {
    problems.push({ path: "endpoint", value: url, repair: `expected a host name or an address, which ${host} is not` });
  }
  if (port && (Number(port) < 1 || Number(port) > 65_535)) {
    problems.push({ path: "endpoint", value: url, repair: "expected a port from 1 to 65535" });
  }
  const worker = nodes.find((node) => node.role === "worker" && node.address === host);
  if (worker) {
    problems.push({ path: "endpoint", value: url, repair: `is the address of the worker ${worker.hostname}, which runs no API server` });
  }
  return problems;
}

/** What runs already has a bundle, and by that alone it can be reached. */
function adoption({ adopt = [], secrets }: Partial<Cluster>): Problem[] {
  if (adopt.length === 0 || secrets?.source !== "generated") return [];
  const repair = "makes a bundle that is not the running cluster's; keep that one's in 1Password, and set { source: onepassword }";
  return [{ path: "secrets.source", value: "generated", repair: `adopt takes over a cluster that runs, and this ${repair}` }];
}

function versions({ talosVersion, talosContract, kubernetesVersion }: Partial<Cluster>): Problem[] {
  const problems: Problem[] = [];
  const unknown = talosVersion && talosProblem(talosVersion);
  if (unknown) problems.push({ path: "talosVersion", value: talosVersion, repair: unknown });
  const pair = talosVersion && kubernetesVersion ? pairProblem(talosVersion, kubernetesVersion) : undefined;
  if (pair) problems.push({ path: "kubernetesVersion", value: kubernetesVersion, repair: `${pair}; declared is Talos ${talosVersion}` });
  if (!talosContract) return problems;
  if (talosVersion && isNewerMinor(talosContract, talosVersion)) {
    problems.push({
      path: "talosContract",
      value: talosContract,
      repair: `is newer than talosVersion ${talosVersion}, which would not know its keys; it is the version that the cluster was born with`,
    });
  } else if (isNewerMinor(talosContract, newestContract)) {
    problems.push({
      path: "talosContract",
      value: talosContract,
      repair: `cannot be rendered: the provider's own Talos is ${newestContract.slice(1)}; until there is a newer one, use ${newestContract}, which newer nodes take too`,
    });
  }
  return problems;
}
