import type { Authority } from "../../../cluster/secrets/authority.ts";
import type { ClientCertificate } from "../../../cluster/secrets/client-certificate.ts";
import { Talosctl } from "../talosctl/talosctl.ts";
import type { Environment, Variable } from "./environment.ts";
import { Lock, turn } from "./lock.ts";
import { assertRunning, destroysAll, findRun, type Run } from "./run.ts";
import { runtimeFolder } from "./runtime-folder.ts";
import { type Look, waitFor } from "./wait.ts";

/** The variables of every script that works on a cluster. */
export const clusterVariables = [
  "CLUSTER_NAME",
  "CLUSTER_ID",
  "TALOS_CA",
  "NODE_TIMEOUT",
  "DECLARED_NODE_TIMEOUT",
  "ENGINE",
] as const satisfies Variable[];

/** One script's work on one cluster, under that cluster's lock. */
export class Operation {
  readonly env: Environment<(typeof clusterVariables)[number]>;
  readonly talosctl: Talosctl;
  readonly signal: AbortSignal;
  readonly #run: Run;
  readonly #lock: Lock;

  constructor(env: Environment<(typeof clusterVariables)[number]>, signal: AbortSignal) {
    this.env = env;
    this.signal = signal;
    this.#run = findRun(process.pid, env.ENGINE !== undefined);
    this.#lock = new Lock(runtimeFolder(env.CLUSTER_ID), this.#run);
    // Also where an error or a signal ends the process; after a SIGKILL the next run's takeover does it.
    process.once("exit", () => this.#lock.leave());
    const credentials = { pem: env.TALOS_CA.pem, client: (lasting = 0) => clientOf(env.TALOS_CA, lasting) };
    this.talosctl = new Talosctl(credentials, this.#lock.scriptFolder, signal, (identity) => this.#lock.include(identity));
  }

  /** Waits until no other run works on the cluster, however long that takes: its person can see it and end it. */
  async begin(): Promise<void> {
    await this.#acquire(this.#lock, `the lock of cluster ${this.env.CLUSTER_NAME}`, () => assertRunning(this.#run));
    this.fence();
  }

  /** Waits until no other script of this run has its turn, and keeps it until this one ends. `doing` is told to those that wait. */
  async takeTurn(doing: string): Promise<void> {
    const lock = turn(runtimeFolder(this.env.CLUSTER_ID), this.#run, doing);
    process.once("exit", () => lock.leave());
    await this.#acquire(lock, "its turn", () => this.fence());
  }

  async #acquire(lock: Lock, what: string, check: () => void): Promise<void> {
    await waitFor({ what, signal: this.signal, say: this.say, check }, async () => {
      const holder = lock.acquire();
      return holder === undefined ? { done: undefined } : { pending: `held by ${holder}` };
    });
  }

  /** To be called before each change: throws unless the run still lives and still holds the lock. */
  fence(): void {
    this.signal.throwIfAborted();
    assertRunning(this.#run);
    this.#lock.assertHeld();
  }

  /** For how many seconds a node is waited for: as declared, unless a person said for this run. */
  get nodeTimeout(): number {
    return this.env.NODE_TIMEOUT ?? this.env.DECLARED_NODE_TIMEOUT;
  }

  /** For how many seconds something has to be out of order before it is believed to stay so: a minute of ten. What only starts is well by then. */
  get gracePeriod(): number {
    return this.nodeTimeout / 10;
  }

  /** Waits for a node, up to `timeout` seconds, which are `nodeTimeout` unless said; ends with the run. */
  wait<T>(what: string, look: () => Promise<Look<T>>, remedy?: string, timeout = this.nodeTimeout): Promise<T> {
    const { signal, say } = this;
    return waitFor({ what, timeout, remedy, signal, say, check: () => this.fence() }, look);
  }

  /** Whether all of what the engine has is being destroyed, and not this part of it alone. */
  get destroysAll(): boolean {
    return destroysAll(this.#run);
  }

  /** A line of progress. It goes to standard error: what a Command prints on standard output is kept in the state. */
  readonly say = (line: string): void => {
    // Pulumi shows it behind the resource's name, which begins with the cluster's, and has little room.
    process.stderr.write(`${this.env.ENGINE ? "" : `${this.env.CLUSTER_NAME}: `}${line}\n`);
  };
}

async function clientOf(ca: Authority, lasting: number): Promise<ClientCertificate> {
  const { mintClientCertificate } = await import("./client-certificates.ts"); // slow to load, and not always needed
  return mintClientCertificate(ca, new Date(), lasting);
}
