/** A client that reads and writes through a cluster's endpoint all the time, and keeps account of what it was answered. */
import { Agent, type RequestOptions, request } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";

/** What came of it. */
export interface Account {
  /** Writes that the API server confirmed. */
  readonly acknowledged: number;
  /** Those of them that were not there when they were looked for. */
  readonly lost: readonly number[];
  readonly reads: number;
  readonly failedReads: number;
  /** The longest time between two reads that succeeded, in milliseconds, and the failure that the last read in it ended with. */
  readonly longestGap: { readonly milliseconds: number; readonly failure?: string };
}

/** Between two requests of one kind, in milliseconds: often enough to see every gap, and little beside what the cluster itself does. */
const readPause = 50;
const writePause = 200;
/** After this time a client gives a request up, in milliseconds: one to a machine that went without a word. */
const patience = 2_000;

const namespace = "written";
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;

export class Client {
  readonly #access: RequestOptions;
  readonly #server: string;
  readonly #stop = new AbortController();
  readonly #acknowledged: number[] = [];
  readonly #lost = new Set<number>();
  #next = 0;
  #reads = 0;
  #failedReads = 0;
  #longestGap: Account["longestGap"] = { milliseconds: 0 };
  #loops: Promise<unknown> = Promise.resolve();

  private constructor(server: string, access: RequestOptions) {
    this.#server = server;
    this.#access = { ...access, agent: new Agent({ keepAlive: true }), timeout: patience };
  }

  /** Begins to read and write; resolves after the first of each. */
  static async begin(kubeconfig: string): Promise<Client> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const access: RequestOptions = {};
    await config.applyToHTTPSOptions(access);
    const client = new Client(config.getCurrentCluster()?.server ?? "", access);
    await client.#ask("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
    await client.#write();
    await client.#read();
    client.#loops = Promise.all([client.#writeOn(), client.#readOn()]);
    return client;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loops;
  }

  /** Stops, and looks for all that was acknowledged. */
  async end(): Promise<Account> {
    await this.stop();
    const { items } = JSON.parse(await this.#ask("GET", configMaps)) as { items: { metadata: { name: string } }[] };
    const found = new Set(items.map(({ metadata }) => metadata.name));
    for (const number of this.#acknowledged) if (!found.has(nameOf(number))) this.#lost.add(number);
    return {
      acknowledged: this.#acknowledged.length,
      lost: [...this.#lost],
      reads: this.#reads,
      failedReads: this.#failedReads,
      longestGap: this.#longestGap,
    };
  }

  async #write(): Promise<void> {
    const number = this.#next++;
    await this.#ask("POST", configMaps, { metadata: { name: nameOf(number) } });
    this.#acknowledged.push(number);
  }

  /** Reads the write that was acknowledged last: a reader never sees the past. */
  async #read(): Promise<void> {
    const number = this.#acknowledged.at(-1) ?? 0;
    try {
      await this.#ask("GET", `${configMaps}/${nameOf(number)}`);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.#lost.add(number);
      throw error;
    }
    this.#reads += 1;
  }

  async #writeOn(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      // What was not acknowledged may or may not be there; the next one has a number of its own.
      await this.#write().catch(() => undefined);
      await this.#pause(writePause);
    }
  }

  async #readOn(): Promise<void> {
    let last = performance.now();
    let failure: string | undefined;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#read();
        const now = performance.now();
        if (now - last > this.#longestGap.milliseconds) this.#longestGap = { milliseconds: Math.round(now - last), failure };
        [last, failure] = [now, undefined];
      } catch (error) {
        this.#failedReads += 1;
        failure = String(error);
      }
      await this.#pause(readPause);
    }
  }

  #pause(milliseconds: number): Promise<unknown> {
    return delay(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  #ask(method: string, path: string, body?: object): Promise<string> {
    return new Promise((fulfil, reject) => {
      const headers = body === undefined ? {} : { "Content-Type": "application/json" };
      const call = request(new URL(path, this.#server), { ...this.#access, method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status < 300) fulfil(text);
          else reject(new Refused(status, text));
        });
      });
      call.on("timeout", () => call.destroy(new Error(`no answer within ${patience} ms`)));
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

class Refused extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`${status} ${text}`);
    this.status = status;
  }
}

const nameOf = (number: number) => `write-${number}`;
