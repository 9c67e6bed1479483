import type { KubernetesObject } from "./kubernetes-object.ts";
import type { Problem } from "./problems.ts";
import type { Cluster, Node } from "./schema.ts";
import { isMapping, readYamlText } from "./yaml.ts";

/** What could answer at a cluster's endpoint. */
export interface EndpointHolders extends Pick<Cluster, "endpoint"> {
  nodes: readonly (Pick<Node, "role" | "address"> & { configPatches: readonly string[] })[];
  manifests: readonly { objects: readonly KubernetesObject[] }[];
}

/** By which a Service asks Cilium, MetalLB or kube-vip for addresses of its choice; several have commas between them. */
const requests: readonly string[] = [
  "lbipam.cilium.io/ips",
  "io.cilium/lb-ipam-ips",
  "metallb.io/loadBalancerIPs",
  "metallb.universe.tf/loadBalancerIPs",
  "kube-vip.io/loadbalancerIPs",
];

/**
 * Whether nothing that is declared answers at the endpoint: no control plane node, none that their patches give the address, no Service.
 * Of a name nothing is known. One on this machine is a lab's, which moves addresses of nodes and nothing else.
 */
export function unheldEndpoint({ endpoint, nodes, manifests }: EndpointHolders): Problem[] {
  const { hostname: host } = new URL(endpoint);
  if (!/^\d+(\.\d+){3}$/.test(host) || host.startsWith("127.")) return [];
  const members = nodes.filter(({ role }) => role === "controlplane");
  const held =
    members.some(({ address, configPatches }) => address === host || configPatches.some((patch) => gives(patch, host))) ||
    manifests.some(({ objects }) => objects.some((object) => asked(object).includes(host)));
  if (held) return [];
  return [
    {
      path: "endpoint",
      value: host,
      repair:
        `nothing declared here answers at ${host}: it is no control plane node's address, no virtual IP of their patches, and no Service of type LoadBalancer ` +
        "asks for it. Unless something else of yours does, clients that the kubeconfig output is given to will reach nobody",
    },
  ];
}

/** Whether a patch gives a node the address, as a virtual IP or one of its own. A certificate's names give nothing. */
function gives(patch: string, host: string): boolean {
  const values = (value: unknown): unknown[] => {
    if (Array.isArray(value)) return value.flatMap(values);
    if (!isMapping(value)) return [value];
    return Object.entries(value).flatMap(([key, inner]) => (key === "certSANs" ? [] : values(inner)));
  };
  return readYamlText("patch", patch)
    .documents.flatMap((document) => values(document.toJS()))
    .some((value) => value === host || (typeof value === "string" && value.startsWith(`${host}/`)));
}

/** The addresses at which a Service of type LoadBalancer wants to be. */
function asked({ apiVersion, kind, metadata, spec }: KubernetesObject): string[] {
  if (apiVersion !== "v1" || kind !== "Service" || !isMapping(spec) || spec.type !== "LoadBalancer") return [];
  const annotated = requests.flatMap((key) => metadata.annotations?.[key]?.split(",") ?? []);
  return [...annotated, spec.loadBalancerIP, spec.externalIPs].flat().flatMap((ip) => (typeof ip === "string" ? [ip.trim()] : []));
}
