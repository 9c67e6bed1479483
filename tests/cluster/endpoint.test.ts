import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unheldEndpoint } from "../../cluster/endpoint.ts";
import type { KubernetesObject } from "../../cluster/kubernetes-object.ts";
import { declareManifests } from "../../cluster/manifests.ts";
import { parseYaml, readYamlText } from "../../cluster/yaml.ts";

const node = (role: "controlplane" | "worker", address: string, ...configPatches: string[]) => ({ role, address, configPatches });

describe("an endpoint", () => {
  const host = "10.80.0.8";
  const service = (spec: object, annotations = {}): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-apiserver", annotations },
    spec: { type: "LoadBalancer", ...spec },
  });
  const at = (patches: string[], objects: KubernetesObject[] = [], endpoint = `https://${host}:6443`) =>
    unheldEndpoint({ endpoint, nodes: [node("controlplane", "10.60.0.10", ...patches)], manifests: [{ objects }] });

  test.each<[string, string]>([
    ["a virtual IP of Talos's own document", `apiVersion: v1alpha1\nkind: Layer2VIPConfig\nname: ${host}\nlink: eth0\n`],
    ["a virtual IP of an interface", `machine: { network: { interfaces: [{ interface: eth0, vip: { ip: ${host} } }] } }\n`],
    [
      "a virtual IP of a VLAN",
      `machine: { network: { interfaces: [{ interface: eth0, vlans: [{ vlanId: 1, vip: { ip: ${host} } }] }] } }\n`,
    ],
    ["an address of an interface", `machine: { network: { interfaces: [{ interface: lo, addresses: [${host}/32] }] } }\n`],
    ["the second document of a patch", `machine: {}\n---\napiVersion: v1alpha1\nkind: Layer2VIPConfig\nname: ${host}\n`],
  ])("is held by %s", (_, patch) => {
    expect(at([patch])).toEqual([]);
  });

  test.each<[string, KubernetesObject]>([
    ["asks Cilium for it", service({}, { "lbipam.cilium.io/ips": `10.80.0.7, ${host}` })],
    ["asks MetalLB for it", service({}, { "metallb.io/loadBalancerIPs": host })],
    ["asks any load balancer for it", service({ loadBalancerIP: host })],
    ["has it as an external address", service({ externalIPs: [host] })],
  ])("is held by a Service that %s", (_, object) => {
    expect(at([], [object])).toEqual([]);
  });

  test.each<[string, string[], KubernetesObject[]]>([
    ["by nothing", [], []],
    ["by a certificate's names", [`machine: { certSANs: [${host}] }\ncluster: { apiServer: { certSANs: [${host}] } }\n`], []],
    ["by an address that only begins so", [`machine: { network: { interfaces: [{ addresses: [${host}1/32] }] } }\n`], []],
    ["by another Service's address", [], [service({}, { "lbipam.cilium.io/ips": "10.80.0.80" })]],
    ["by a Service inside the cluster", [], [service({ type: "ClusterIP", loadBalancerIP: host })]],
  ])("is told where it is held %s", (_, patches, objects) => {
    expect(at(patches, objects)).toEqual([
      { path: "endpoint", value: host, repair: expect.stringContaining(`nothing declared here answers at ${host}`) },
    ]);
  });

  test("is not held by a worker's patches", () => {
    const nodes = [
      node("controlplane", "10.60.0.10"),
      node("worker", "10.60.0.21", `machine: { network: { interfaces: [{ addresses: [${host}/24] }] } }`),
    ];
    expect(unheldEndpoint({ endpoint: `https://${host}:6443`, nodes, manifests: [] })).toHaveLength(1);
  });

  test.each(["https://k8s.example.org:6443", "https://127.80.0.8:6443"])("of which nothing can be known passes: %s", (endpoint) => {
    expect(at([], [], endpoint)).toEqual([]);
  });
});

test("phoebe's endpoint is the one address of its Service, its pool and its policy", () => {
  const folder = "stacks/phoebe/apps/kube-system/cilium/after";
  const { config } = parseYaml("stack", readFileSync("Pulumi.phoebe.yaml", "utf8")) as { config: Record<string, string> };
  const text = readdirSync(folder).map((file) => readYamlText(file, readFileSync(join(folder, file), "utf8")));
  const objects = text.flatMap(({ documents }) => documents.map((document) => ({ where: folder, content: document.toJS() })));
  const [{ objects: declared } = { objects: [] }] = declareManifests([{ namespace: "kube-system", objects }]);
  const { hostname: host, port } = new URL(config["phoebe:endpoint"] as string);
  const [service, pool, policy] = declared as [KubernetesObject, KubernetesObject, KubernetesObject];
  expect(service).toMatchObject({
    metadata: { name: "kube-apiserver", namespace: "kube-system", annotations: { "lbipam.cilium.io/ips": host } },
    spec: { type: "LoadBalancer", ports: [{ port: Number(port) }] },
  });
  const serviceSelector = {
    matchLabels: { "io.kubernetes.service.namespace": "kube-system", "io.kubernetes.service.name": service.metadata.name },
  };
  expect(pool).toMatchObject({ kind: "CiliumLoadBalancerIPPool", spec: { blocks: [{ cidr: `${host}/32` }], serviceSelector } });
  expect(policy).toMatchObject({ kind: "CiliumL2AnnouncementPolicy", spec: { loadBalancerIPs: true, serviceSelector } });
});
