import { once } from "node:events";
import { createServer, type Server } from "node:https";
import { text } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { makeAuthority, makeServer, type Pair } from "./pki.ts";
import type { Answer } from "./world.ts";

/** A Kubernetes API server as far as scripts ask it: whoever comes with its client certificate gets what the test put there. */
export class ApiServer {
  /** Answers by path, without the query. */
  readonly resources = new Map<string, unknown>();
  readonly requests: string[] = [];
  /** Why a pod may not be evicted, by its name. All others may. */
  readonly budgets = new Map<string, string>();
  /** Pods that are at once there again, as another pod of the same name: they tolerate a cordon. */
  readonly clinging = new Set<string>();
  /** Pods that nobody ends once they are deleted, by a kubelet that is gone. */
  readonly lingering = new Set<string>();
  readonly #authority: Pair;
  readonly #address: string;
  #server: Server | undefined;

  private constructor(authority: Pair, address: string) {
    this.#authority = authority;
    this.#address = address;
  }

  static async make(address: string): Promise<ApiServer> {
    return new ApiServer(await makeAuthority(), address);
  }

  /** The API server of another node of the same cluster. */
  beside(address: string): ApiServer {
    return new ApiServer(this.#authority, address);
  }

  async start(): Promise<void> {
    const { cert, key } = await makeServer(this.#authority, this.#address);
    this.#server = createServer(
      { cert, key, ca: this.#authority.cert, requestCert: true, rejectUnauthorized: false },
      async (request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "https://x");
        this.requests.push(`${request.method} ${request.url}`);
        const body = await text(request);
        const known = (request.socket as TLSSocket).authorized;
        const found = ofNode(this.resources.get(pathname), searchParams.get("fieldSelector"));
        const [status, answer] = !known
          ? [401]
          : pathname.endsWith("/eviction")
            ? this.#evict(pathname)
            : this.#answer(request.method, pathname, found, body);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(answer ?? { kind: "Status", apiVersion: "v1", status: "Failure", code: status }));
      },
    ).listen(6443, this.#address);
    await once(this.#server, "listening");
  }

  #answer(method: string | undefined, path: string, found: unknown, body: string): [number, unknown?] {
    if (method === "POST" && typeof found !== "number") {
      const made = JSON.parse(body) as { metadata: { name: string } };
      this.resources.set(`${path}/${made.metadata.name}`, made);
      return [201, made];
    }
    if (found === undefined) return [404];
    if (typeof found === "number") return [found];
    if (method === "DELETE") this.resources.delete(path);
    if (method === "PATCH") this.resources.set(path, merged(found, JSON.parse(body)));
    return [200, method === "PATCH" ? this.resources.get(path) : found];
  }

  /** As the API does: what a budget forbids is not now, and anything else goes. */
  #evict(path: string): [number, unknown?] {
    const name = path.split("/").at(-2) ?? "";
    const budget = this.budgets.get(name);
    if (budget) {
      const message = "Cannot evict pod as it would violate the pod's disruption budget.";
      const details = { causes: [{ reason: "DisruptionBudget", message: budget }] };
      return [429, { kind: "Status", apiVersion: "v1", status: "Failure", code: 429, reason: "TooManyRequests", message, details }];
    }
    const all = this.resources.get("/api/v1/pods") as { items: { metadata: { name: string } }[] };
    const evicted = all.items.filter(({ metadata }) => metadata.name === name);
    const items = all.items.filter((pod) => !evicted.includes(pod));
    if (this.clinging.has(name)) items.push(...evicted.map(again));
    if (this.lingering.has(name)) items.push(...evicted.map(ending));
    this.resources.set("/api/v1/pods", { ...all, items });
    return [201, { kind: "Status", apiVersion: "v1", status: "Success" }];
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** What `talosctl kubeconfig` prints: its server is the cluster's endpoint, which answers nobody here. */
  async kubeconfig(): Promise<Answer> {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const client = await makeServer(this.#authority, this.#address, "clientAuth");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "admin@phoebe",
      contexts: [{ name: "admin@phoebe", context: { cluster: "phoebe", user: "admin@phoebe" } }],
      clusters: [
        { name: "phoebe", cluster: { server: "https://127.207.255.1:6443", "certificate-authority-data": base64(this.#authority.cert) } },
      ],
      users: [{ name: "admin@phoebe", user: { "client-certificate-data": base64(client.cert), "client-key-data": base64(client.key) } }],
    };
    return { stdout: JSON.stringify(config) };
  }
}

/** Of a list of pods those on the node that is asked for, where the test says where they are. */
function ofNode(found: unknown, selector: string | null): unknown {
  const [, name] = selector?.split("spec.nodeName=") ?? [];
  const { items } = (found ?? {}) as { items?: { spec?: { nodeName?: string } }[] };
  return name && items ? { ...(found as object), items: items.filter(({ spec }) => (spec?.nodeName ?? name) === name) } : found;
}

function again<T extends { metadata: object }>(pod: T): T {
  return { ...pod, metadata: { ...pod.metadata, uid: "another" } };
}

function ending<T extends { metadata: object }>(pod: T): T {
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-05-01T10:00:00Z" } };
}

/** A merge patch (RFC 7386). */
function merged(into: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null) return patch;
  const result: Record<string, unknown> = typeof into === "object" ? { ...into } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** A Node as the API has it. */
export const nodeObject = (name: string, ready: "True" | "False") => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: { conditions: [{ type: "Ready", status: ready, message: "container runtime network not ready" }] },
});

/** The pods of a node: a network plugin's, which may be ready, among others. */
export const podList = (...plugins: ("True" | "False")[]) => ({
  apiVersion: "v1",
  kind: "PodList",
  items: [
    {
      metadata: { name: "other" },
      spec: { containers: [], volumes: [{ name: "x", hostPath: { path: "/etc/cnitool" } }] },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    },
    ...plugins.map((ready, i) => ({
      metadata: { name: `cilium-${i}` },
      spec: { containers: [], volumes: [{ name: "etc-cni-netd", hostPath: { path: "/etc/cni/net.d" } }] },
      status: { conditions: [{ type: "Ready", status: ready }] },
    })),
  ],
});
