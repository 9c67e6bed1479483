import type * as pulumi from "@pulumi/pulumi";
import type { Declaration, DeclaredApp, DeclaredNode } from "../../cluster/declaration.ts";
import type { KubernetesObject } from "../../cluster/kubernetes-object.ts";
import { makeAuthority, talosCa } from "../operations/support/pki.ts";

/** A declaration with three control plane nodes, two workers and three releases, one of them with a definition of its own. */
export function declaration(changes: Partial<Declaration> = {}): Declaration {
  return {
    clusterName: "demo",
    endpoint: "https://10.1.0.9:6443",
    talosVersion: "v1.13.3",
    talosContract: "v1.13",
    kubernetesVersion: "v1.36.3",
    secrets: { source: "generated" },
    secretValues: [],
    imageFactoryUrl: "https://factory.talos.dev",
    secureBoot: false,
    allowSchedulingOnControlPlanes: false,
    workerLanes: 1,
    patches: "patches",
    schematic: "schematic.yaml",
    backupDir: "backups",
    drainTimeout: 300,
    nodeTimeout: 600,
    allowQuorumLoss: false,
    allowDowngrade: false,
    adopt: [],
    adoptSecretValues: false,
    allowDestroy: false,
    nodes: [
      node("c1", "controlplane", 1),
      node("c2", "controlplane", 2),
      node("c3", "controlplane", 3),
      node("w1", "worker", 4),
      node("w2", "worker", 5),
    ],
    namespaces: [
      { name: "kube-system", labels: { level: "privileged" }, annotations: {} },
      { name: "flux-system", labels: {}, annotations: {} },
    ],
    releases: [
      app("kube-system", "cilium", { cni: true }),
      app("kube-system", "coredns", { after: ["kube-system/cilium"] }),
      app("flux-system", "flux2", {
        lifecycle: "bootstrap",
        after: ["kube-system/coredns"],
        crds: true,
        archive: { path: "./.charts/demo/flux-system-flux2.tgz", crds: [definition("sources.example.org")] },
      }),
    ],
    manifests: [
      {
        namespace: "flux-system",
        objects: [
          object("v1", "Secret", "flux-system/deploy-key", { stringData: { identity: "ssh-key" } }),
          object("v1", "PersistentVolumeClaim", "flux-system/cache", { spec: {} }),
          object("apps/v1", "Deployment", "flux-system/tool", { spec: {} }),
          { ...definition("tools.example.org") },
        ],
      },
      {
        namespace: "kube-system",
        release: { name: "cilium", lifecycle: "managed" },
        objects: [object("cilium.io/v2", "CiliumLoadBalancerIPPool", "pool", { spec: {} })],
      },
      {
        namespace: "flux-system",
        release: { name: "flux2", lifecycle: "bootstrap" },
        objects: [object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "flux-system/cluster", { spec: {} })],
      },
    ],
    ...changes,
  };
}

/** An object whose key is its name, behind its namespace where it has one. */
export function object(apiVersion: string, kind: string, key: string, fields: Record<string, unknown> = {}): KubernetesObject {
  const [name = "", namespace] = key.split("/").reverse();
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) }, ...fields };
}

export function node(hostname: string, role: "controlplane" | "worker", last: number, changes: Partial<DeclaredNode> = {}): DeclaredNode {
  const id = "a".repeat(64);
  return {
    hostname,
    role,
    address: `10.1.0.${last}`,
    installDisk: "/dev/sda",
    arch: "amd64",
    generation: 1,
    image: { id, text: "customization: {}\n", file: "schematic.yaml", kernelArguments: [], extensions: [] },
    installerImage: `factory.talos.dev/metal-installer/${id}:v1.13.3`,
    installationMedium: `https://factory.talos.dev/image/${id}/v1.13.3/metal-amd64.iso`,
    configPatches: [`machine: {}\n# ${hostname}\n`],
    ...changes,
  };
}

export function app(namespace: string, name: string, changes: Partial<DeclaredApp> = {}): DeclaredApp {
  return {
    namespace,
    name,
    chart: name,
    version: "1.2.3",
    repository: "https://charts.example.org",
    lifecycle: "managed",
    cni: false,
    after: [],
    crds: false,
    timeout: 600,
    values: { replicas: 1 },
    archive: { path: `./.charts/demo/${namespace}-${name}.tgz`, crds: [] },
    ...changes,
  };
}

export function definition(name: string): DeclaredApp["archive"]["crds"][number] {
  return { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name }, spec: { group: "example.org" } };
}

/** The CA of the Talos API, as the provider generates it. */
export const talosAuthority = JSON.parse(talosCa(await makeAuthority())) as { cert: string; key: string };

/** What the providers would answer. Each secret has a value of its own, so that a test can look for it. */
export const mocks: pulumi.runtime.Mocks = {
  newResource: ({ type, name, inputs }) => {
    const outputs: Record<string, Record<string, unknown>> = {
      "talos:machine/secrets:Secrets": {
        clientConfiguration: { caCertificate: "Y2E=", clientCertificate: "Y2VydA==", clientKey: "client-key" },
        machineSecrets: {
          cluster: { id: "cluster-id", secret: "cluster-secret" },
          secrets: { bootstrapToken: "bootstrap-token", secretboxEncryptionSecret: "secretbox" },
          trustdinfo: { token: "trustd-token" },
          certs: { os: talosAuthority },
        },
      },
      "talos:cluster/kubeconfig:Kubeconfig": {
        kubernetesClientConfiguration: {
          host: "https://10.1.0.9:6443",
          caCertificate: "Y2E=",
          clientCertificate: "a2M=",
          clientKey: "kube-key",
        },
      },
    };
    const id = type === "talos:imageFactory/schematic:Schematic" ? "a".repeat(64) : `${name}-id`;
    return { id, state: { ...inputs, ...outputs[type] } };
  },
  call: ({ token, inputs }) => {
    if (token === "talos:machine/getConfiguration:getConfiguration")
      return { ...inputs, machineConfiguration: `# config of\n${inputs.configPatches}` };
    if (token === "talos:client/getConfiguration:getConfiguration") return { ...inputs, talosConfig: "talosconfig" };
    throw new Error(`no test expects a call of ${token}`);
  },
};

/** A machine config is made of its inputs, so that one that changes changes it; the factory agrees with every ID that a resource is named by. */
export const mocksByInputs: pulumi.runtime.Mocks = {
  newResource: (args) => {
    const { id, state } = mocks.newResource(args) as { id: string; state: Record<string, unknown> };
    return { id: args.name.match(/^demo-schematic-(.*)-submitted$/)?.[1] ?? id, state };
  },
  call: (args) => {
    if (args.token !== "talos:machine/getConfiguration:getConfiguration") return (mocks.call as NonNullable<typeof mocks.call>)(args);
    const { configPatches, kubernetesVersion } = args.inputs;
    return { ...args.inputs, machineConfiguration: JSON.stringify({ configPatches, kubernetesVersion }) };
  },
};
