import { isIPv6 } from "node:net";
import type { V1Pod } from "@kubernetes/client-node";
import { credentialsIn } from "../../cluster/kubeconfig.ts";
import type { Asking } from "./asking.ts";
import { type ApiServer, apiServer, CoreApi, Refusal } from "./core-api.ts";
import { reasonOf } from "./failure.ts";
import type { Reply } from "./reply.ts";

const timeout = 10_000;

/** The Kubernetes API of one control plane node, at that node's address: the endpoint may not answer before the CNI runs. */
export class Kubernetes {
  readonly #server: ApiServer;
  readonly #signal: AbortSignal;

  private constructor(server: ApiServer, signal: AbortSignal) {
    this.#server = server;
    this.#signal = signal;
  }

  /** Gets a client's credentials by the Talos API of the node, or of another one that is said; they stay in memory. */
  static async at({ talosctl, signal }: Asking, address: string, through = address): Promise<Reply<Kubernetes>> {
    const raw = await talosctl.node(through, ["kubeconfig", "--merge=false", "-"]);
    if (!raw.ok) return { problem: raw.problem };
    try {
      // Declared addresses are IPv4; what etcd or a node's discovery tells need not be.
      const url = `https://${isIPv6(address) ? `[${address}]` : address}:6443`;
      return { value: new Kubernetes(apiServer({ url, credentials: credentialsIn(raw.stdout) }), signal) };
    } catch (error) {
      return { problem: reasonOf(error) };
    }
  }

  /** Whether the API server says that it is ready. */
  async ready(): Promise<Reply<true>> {
    const answer = await this.core((api) => api.ready());
    if ("value" in answer && !answer.value) return { problem: "its /readyz says no" };
    return answer as Reply<true>;
  }

  /** Asks the core API, or has it change something, with a time limit. */
  async core<T>(question: (api: CoreApi) => Promise<T>): Promise<Reply<T>> {
    const late = AbortSignal.timeout(timeout);
    try {
      return { value: await question(new CoreApi(this.#server, AbortSignal.any([this.#signal, late]))) };
    } catch (error) {
      this.#signal.throwIfAborted();
      return { problem: late.aborted ? `no answer within ${timeout / 1000} s` : reasonOf(error) };
    }
  }

  /** Why the node is not ready, or undefined when it is. */
  nodeNotReady(name: string): Promise<Reply<string | undefined>> {
    return this.core(async (api) => {
      const ready = (await api.readNode({ name })).status?.conditions?.find(({ type }) => type === "Ready");
      if (ready?.status === "True") return undefined;
      return ready ? `Ready is ${ready.status} (${ready.message || ready.reason || "no reason given"})` : "it has not reported yet";
    });
  }

  /** The pods on a node. */
  podsOn(nodeName: string): Promise<Reply<V1Pod[]>> {
    return this.core(async (api) => (await api.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${nodeName}` })).items);
  }

  /** Deletes the Node; one that is not there is fine. */
  deleteNode(name: string): Promise<Reply<"deleted" | "absent">> {
    return this.core(async (api) => ((await unlessAbsent(api.deleteNode({ name }))) ? "deleted" : "absent"));
  }
}

/** The answer, or undefined where the object is not there. */
export async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.code === 404) return undefined;
    throw error;
  }
}
