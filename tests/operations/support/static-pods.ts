import type { Answer } from "./world.ts";

const programs = {
  apiserverconfigs: "kube-apiserver",
  controllermanagerconfigs: "kube-controller-manager",
  schedulerconfigs: "kube-scheduler",
};

/** The versions of what Talos made of a config for the control plane's programs, as it marks their pods. */
export interface Made {
  readonly config?: string;
  /** The API server's files. */
  readonly files?: string;
  readonly secrets?: string;
}

/** What Talos says of the control plane's programs on a node: their images, and what it has made for them last. */
export function planeOf(images: string, { config = "2", files = "1111", secrets = "1" }: Made = {}): Record<string, Answer> {
  const resource = (id: string, version: string, spec: object): Answer => ({ stdout: JSON.stringify({ metadata: { id, version }, spec }) });
  const [repository, tag] = images.split(":");
  return {
    ...Object.fromEntries(
      Object.entries(programs).map(([type, name]) => [`get ${type}`, resource(name, config, { image: `${repository}/${name}:${tag}` })]),
    ),
    "get configstatuses": resource("static-pods", files, { ready: true, version: files }),
    "get secretstatuses": resource("static-pods", secrets, { ready: true, version: secrets }),
  };
}

/** Their pods on nodes, Ready, by what was made then. Kubelets report an address in another subnet than the declared one. */
export function podsOfPlane(nodes: readonly string[], { config = "2", files = "1111", secrets = "1" }: Made = {}) {
  const pod = (name: string, nodeName: string) => ({
    metadata: {
      name: `${name}-${nodeName}`,
      labels: { "k8s-app": name },
      annotations: {
        "talos.dev/config-version": config,
        "talos.dev/secrets-version": secrets,
        ...(name === "kube-apiserver" ? { "talos.dev/config-file-version": files } : {}),
      },
    },
    spec: { containers: [], nodeName },
    status: { hostIP: "10.5.0.1", conditions: [{ type: "Ready", status: "True" }] },
  });
  const items = nodes.flatMap((nodeName) => Object.values(programs).map((name) => pod(name, nodeName)));
  return { kind: "PodList", apiVersion: "v1", items };
}
