import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import type { V1ConfigMap, V1Node, V1NodeList, V1PodList, V1SecretList } from "@kubernetes/client-node";
import type { ApiAccess } from "../../cluster/kubeconfig.ts";

/** An API server of Kubernetes, with connections to it that are used again. */
export interface ApiServer {
  readonly url: string;
  readonly agent: Agent;
}

/** An API server that is yet to be connected to. */
export function apiServer({ url, credentials }: ApiAccess): ApiServer {
  const { caCertificate, clientCertificate, clientKey } = credentials;
  const [ca, cert, key] = [caCertificate, clientCertificate, clientKey].map((base64) => Buffer.from(base64, "base64"));
  return { url, agent: new Agent({ ca, cert, key, keepAlive: true }) };
}

/** What the API server said instead of doing what it was asked for. */
export class Refusal extends Error {
  /** The HTTP status: 404 is absent, 409 a conflict, 429 not now. */
  readonly code: number;
  readonly reason: string;
  /** What it gives as causes, where it does. */
  readonly causes: readonly string[];

  constructor(code: number, body: string) {
    const { message, details } = statusIn(body);
    const reason = message || "the API server gives no reason";
    super(`${reason} (HTTP ${code})`);
    this.code = code;
    this.reason = reason;
    this.causes = details?.causes?.flatMap((cause) => cause.message ?? []) ?? [];
  }
}

function statusIn(body: string): { message?: string; details?: { causes?: { message?: string }[] } } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

interface Named {
  readonly name: string;
}

interface Namespaced {
  readonly namespace: string;
}

/** Of a list only those that all selectors fit. */
interface Selectors {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

interface Body {
  readonly body: object;
}

/**
 * What is asked of Kubernetes's core API, by the names and types of Kubernetes's own client. That one has a class for every kind that there is, and takes three
 * times as long to load as all else that a script does; a run starts a script for each node.
 */
export class CoreApi {
  readonly #server: ApiServer;
  readonly #signal: AbortSignal | undefined;

  constructor(server: ApiServer, signal?: AbortSignal) {
    this.#server = server;
    this.#signal = signal;
  }

  /** Whether the API server says that it is ready. */
  async ready(): Promise<boolean> {
    return (await this.#ask("GET", "/readyz")).status === 200;
  }

  listNode(): Promise<V1NodeList> {
    return this.#core("GET", "nodes");
  }

  readNode({ name }: Named): Promise<V1Node> {
    return this.#core("GET", `nodes/${name}`);
  }

  patchNode({ name, body }: Named & Body): Promise<V1Node> {
    return this.#core("PATCH", `nodes/${name}`, { body });
  }

  deleteNode({ name }: Named): Promise<unknown> {
    return this.#core("DELETE", `nodes/${name}`);
  }

  listPodForAllNamespaces(selectors: Selectors = {}): Promise<V1PodList> {
    return this.#core("GET", "pods", { selectors });
  }

  listNamespacedPod({ namespace, ...selectors }: Namespaced & Selectors): Promise<V1PodList> {
    return this.#core("GET", `namespaces/${namespace}/pods`, { selectors });
  }

  createNamespacedPodEviction({ namespace, name, body }: Namespaced & Named & Body): Promise<unknown> {
    return this.#core("POST", `namespaces/${namespace}/pods/${name}/eviction`, { body });
  }

  readNamespacedConfigMap({ namespace, name }: Namespaced & Named): Promise<V1ConfigMap> {
    return this.#core("GET", `namespaces/${namespace}/configmaps/${name}`);
  }

  createNamespacedConfigMap({ namespace, body }: Namespaced & Body): Promise<V1ConfigMap> {
    return this.#core("POST", `namespaces/${namespace}/configmaps`, { body });
  }

  patchNamespacedConfigMap({ namespace, name, body }: Namespaced & Named & Body): Promise<V1ConfigMap> {
    return this.#core("PATCH", `namespaces/${namespace}/configmaps/${name}`, { body });
  }

  listNamespacedSecret({ namespace, ...selectors }: Namespaced & Selectors): Promise<V1SecretList> {
    return this.#core("GET", `namespaces/${namespace}/secrets`, { selectors });
  }

  deleteNamespacedSecret({ namespace, name, body }: Namespaced & Named & Body): Promise<unknown> {
    return this.#core("DELETE", `namespaces/${namespace}/secrets/${name}`, { body });
  }

  /** @throws a Refusal, or the connection's own error */
  async #core<T>(method: string, path: string, { selectors = {}, body }: { selectors?: Selectors; body?: object } = {}): Promise<T> {
    const query = new URLSearchParams(Object.entries(selectors)).toString();
    const { status, answer } = await this.#ask(method, `/api/v1/${path}${query && `?${query}`}`, body);
    if (status < 200 || status > 299) throw new Refusal(status, answer);
    return JSON.parse(answer) as T;
  }

  #ask(method: string, path: string, body?: object): Promise<{ status: number; answer: string }> {
    const { url, agent } = this.#server;
    const content = Buffer.from(body ? JSON.stringify(body) : "");
    // A merge patch (RFC 7386) takes away what is null in it. The length of a DELETE's body is not told by Node itself.
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const headers = { "content-type": type, "content-length": content.length };
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, url), { method, agent, headers, signal: this.#signal }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
      });
      call.once("error", reject).end(content);
    });
  }
}
