import { isIPv6 } from "node:net";
import type { KubeConfig, V1Pod } from "@kubernetes/client-node";
import type { Asking } from "./asking.ts";
import { reasonOf } from "./failure.ts";

/** What a question to the Kubernetes API came to; `problem` says why there is no answer. */
export type Reply<T> = { readonly value: T } | { readonly problem: string };

const timeout = 10_000;
const cniFolder = "/etc/cni/net.d";

/** The Kubernetes API of one control plane node, at that node's address: the endpoint may not answer before the CNI runs. */
export class Kubernetes {
  readonly #config: KubeConfig;
  readonly #signal: AbortSignal;

  private constructor(config: KubeConfig, signal: AbortSignal) {
    this.#config = config;
    this.#signal = signal;
  }

  /** Gets a client's credentials from the node by the Talos API; they stay in memory. */
  static async at({ talosctl, signal }: Asking, address: string): Promise<Reply<Kubernetes>> {
    // Loaded while talosctl runs: it takes half a second.
    const [{ KubeConfig }, raw] = await Promise.all([
      import("@kubernetes/client-node"),
      talosctl.node(address, ["kubeconfig", "--merge=false", "-"]),
    ]);
    if (!raw.ok) return { problem: raw.problem };
    const config = new KubeConfig();
    const server = `https://${isIPv6(address) ? `[${address}]` : address}:6443`;
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
    const { Health } = await import("@kubernetes/client-node");
    const answer = await this.#ask(() => new Health(this.#config).readyz({}));
    if ("value" in answer && !answer.value) return { problem: "its /readyz says no" };
    return answer as Reply<true>;
  }

  /** Why the node is not ready, or undefined when it is. */
  async nodeNotReady(name: string): Promise<Reply<string | undefined>> {
    const { CoreV1Api } = await import("@kubernetes/client-node");
    return this.#ask(async () => {
      const node = await this.#config.makeApiClient(CoreV1Api).readNode({ name });
      const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
      if (ready?.status === "True") return undefined;
      return ready ? `Ready is ${ready.status} (${ready.message || ready.reason || "no reason given"})` : "it has not reported yet";
    });
  }

  /** Why no network plugin runs on the node, or undefined when a pod that installs one is ready there. */
  async networkNotReady(nodeName: string): Promise<Reply<string | undefined>> {
    const { CoreV1Api } = await import("@kubernetes/client-node");
    return this.#ask(async () => {
      const fieldSelector = `spec.nodeName=${nodeName}`;
      const { items } = await this.#config.makeApiClient(CoreV1Api).listPodForAllNamespaces({ fieldSelector });
      return networkProblem(items);
    });
  }

  /** Deletes the Node; one that is not there is fine. */
  async deleteNode(name: string): Promise<Reply<"deleted" | "absent">> {
    const { CoreV1Api, ApiException } = await import("@kubernetes/client-node");
    return this.#ask(async () => {
      try {
        await this.#config.makeApiClient(CoreV1Api).deleteNode({ name });
        return "deleted";
      } catch (error) {
        if (error instanceof ApiException && error.code === 404) return "absent";
        throw error;
      }
    });
  }

  /** Asks with a time limit; the client itself knows none. */
  async #ask<T>(question: () => Promise<T>): Promise<Reply<T>> {
    const limit = AbortSignal.any([this.#signal, AbortSignal.timeout(timeout)]);
    const over = new Promise<never>((_, reject) => limit.addEventListener("abort", () => reject(limit.reason), { once: true }));
    try {
      return { value: await Promise.race([question(), over]) };
    } catch (error) {
      this.#signal.throwIfAborted();
      return { problem: limit.aborted ? `no answer within ${timeout / 1000} s` : reasonOf(error) };
    }
  }
}

/** Judges a node's pods: DaemonSet waits pass too early, so it is the pod on this node that counts. */
export function networkProblem(pods: readonly V1Pod[]): string | undefined {
  const installers = pods.filter(({ spec }) =>
    spec?.volumes?.some(({ hostPath }) => hostPath && `${hostPath.path}/`.startsWith(`${cniFolder}/`)),
  );
  if (installers.length === 0) return "no pod of a network plugin is there yet";
  const isReady = ({ status }: V1Pod) => status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  if (installers.some(isReady)) return undefined;
  return `${installers.map(({ metadata }) => metadata?.name).join(", ")} not ready`;
}
