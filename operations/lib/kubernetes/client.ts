import type { CoreV1Api, KubeConfig, V1Node, V1Pod } from "@kubernetes/client-node";
import { apiServerAt } from "../../../cluster/ports.ts";
import { within } from "../../../cluster/within.ts";
import { reasonOf } from "../script/failure.ts";
import type { Asking } from "../talosctl/asking.ts";
import type { Reply } from "../talosctl/reply.ts";

/** Loads the client's code, a third of a second's work, while other programs are waited for. */
export function loadClient(): Promise<typeof import("@kubernetes/client-node")> {
  return import("@kubernetes/client-node");
}

/** How a patch is sent that changes what it names and takes away what it has as null. */
export async function asMergePatch() {
  const { PatchStrategy, setHeaderOptions } = await loadClient();
  return setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
}

/** The Kubernetes API of one control plane node, at that node's address: the endpoint may not answer before the CNI runs. */
export class Kubernetes {
  readonly #config: KubeConfig;
  readonly #signal: AbortSignal;

  private constructor(config: KubeConfig, signal: AbortSignal) {
    this.#config = config;
    this.#signal = signal;
  }

  /** Gets a client's credentials by the Talos API of the node, or of another one that is said; they stay in memory. */
  static async at({ talosctl, signal }: Asking, address: string, through = address): Promise<Reply<Kubernetes>> {
    const [{ KubeConfig }, raw] = await Promise.all([loadClient(), talosctl.node(through, ["kubeconfig", "--merge=false", "-"])]);
    if (!raw.ok) return { problem: raw.problem };
    const config = new KubeConfig();
    const server = apiServerAt(address);
    try {
      config.loadFromString(raw.stdout);
      config.clusters = config.clusters.map((cluster) => ({ ...cluster, server }));
    } catch {
      return { problem: "its kubeconfig cannot be read" }; // the parser's message would quote it
    }
    return { value: new Kubernetes(config, signal) };
  }

  /** Whether the API server says that it is ready. */
  async ready(): Promise<Reply<true>> {
    const { Health } = await loadClient();
    const answer = await this.#ask(() => new Health(this.#config).readyz({}));
    if ("value" in answer && !answer.value) return { problem: "its /readyz says no" };
    return answer as Reply<true>;
  }

  /** Asks the core API, or has it change something. */
  async core<T>(question: (api: CoreV1Api) => Promise<T>): Promise<Reply<T>> {
    const { CoreV1Api } = await loadClient();
    return this.#ask(() => question(this.#config.makeApiClient(CoreV1Api)));
  }

  /** Why the node is not ready, or undefined when it is. */
  nodeNotReady(name: string): Promise<Reply<string | undefined>> {
    return this.core(async (api) => whyNotReady(await api.readNode({ name })));
  }

  /** The pods on a node. */
  podsOn(nodeName: string): Promise<Reply<V1Pod[]>> {
    return this.core(async (api) => (await api.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${nodeName}` })).items);
  }

  /** Deletes the Node; one that is not there is fine. */
  deleteNode(name: string): Promise<Reply<"deleted" | "absent">> {
    return this.core(async (api) => ((await unlessAbsent(api.deleteNode({ name }))) ? "deleted" : "absent"));
  }

  async #ask<T>(question: () => Promise<T>): Promise<Reply<T>> {
    try {
      return { value: await within(question(), undefined, this.#signal) };
    } catch (error) {
      this.#signal.throwIfAborted();
      return { problem: problemOf(error) };
    }
  }
}

/** What the API said instead of doing what it was asked for. */
export interface Refusal {
  /** The HTTP status: 404 is absent, 409 a conflict, 429 not now. */
  readonly code: number;
  readonly message: string;
  /** What it gives as causes, where it does. */
  readonly causes: readonly string[];
}

/** Reads the API's own words out of an error of its client; undefined for any other error. */
export function refusalOf(error: unknown): Refusal | undefined {
  const { code, body } = error as { code?: unknown; body?: unknown };
  if (typeof code !== "number") return undefined;
  try {
    const status = (typeof body === "string" ? JSON.parse(body) : body) as {
      message?: string;
      details?: { causes?: { message?: string }[] };
    };
    const causes = status.details?.causes?.flatMap(({ message }) => message ?? []) ?? [];
    return { code, message: status.message || "the API server gives no reason", causes };
  } catch {
    return { code, message: "the API server gives no reason", causes: [] };
  }
}

function problemOf(error: unknown): string {
  const refusal = refusalOf(error);
  return refusal ? `${refusal.message} (HTTP ${refusal.code})` : reasonOf(error);
}

/** Why a Node is not ready, or undefined when it is. */
export function whyNotReady({ status }: V1Node): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True") return undefined;
  return ready ? `Ready is ${ready.status} (${ready.message || ready.reason || "no reason given"})` : "it has not reported yet";
}

/** The answer, or undefined where the object is not there. */
export async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (refusalOf(error)?.code === 404) return undefined;
    throw error;
  }
}
