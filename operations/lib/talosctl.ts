import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientCertificate } from "../../cluster/secrets/client-certificate.ts";
import { Failure } from "./failure.ts";
import { inspect } from "./processes.ts";
import { type Watching, watch } from "./watch.ts";

/** What a talosctl command ended with. */
export interface Result {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** What it says is wrong, on one line; empty when it went well. */
  readonly problem: string;
}

/** Settings of one call. */
export interface Call extends Watching {
  /** Seconds until it is killed; 20 unless said. */
  readonly timeout?: number;
  /** It changes something: another run then waits for its end even if this script is killed. */
  readonly changes?: boolean;
}

/** How a client is let in by the nodes of a cluster. */
export interface Credentials {
  /** The certificate of the Talos CA, PEM. */
  readonly pem: string;
  /** A client certificate that is valid for a while from now on; for so many milliseconds, where they are said and can be had. */
  readonly client: (lasting?: number) => Promise<ClientCertificate>;
}

/** Runs talosctl from PATH, with a client certificate of its own that never leaves a private folder. */
export class Talosctl {
  readonly #credentials: Credentials;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #include: (identity: string) => () => void;
  #client: Promise<ClientCertificate> | undefined;

  /** @param include tells the lock of a process that makes a change */
  constructor(credentials: Credentials, folder: string, signal: AbortSignal, include: (identity: string) => () => void) {
    this.#credentials = credentials;
    this.#folder = folder;
    this.#signal = signal;
    this.#include = include;
  }

  /** The client certificate, asked for when it is first needed and again before it runs out: it lasts for the next five minutes, or `seconds` if those are more. */
  async client(seconds = 0): Promise<ClientCertificate> {
    const current = await this.#client;
    const lasting = Math.max(5 * 60, seconds) * 1000;
    if (!current || current.notAfter.getTime() - Date.now() < lasting) this.#client = this.#keep(lasting);
    return (await this.#client) as ClientCertificate;
  }

  /** Asks a configured node, of itself. */
  async node(address: string, args: readonly string[], call: Call = {}): Promise<Result> {
    await this.client(call.timeout);
    return this.#run([...args, "--nodes", address, "--endpoints", address, "--talosconfig", this.#talosconfig], call);
  }

  /** Asks talosctl of itself. */
  itself(args: readonly string[]): Promise<Result> {
    return this.#run(args, {});
  }

  /** Asks a node in maintenance mode, which knows no clients. */
  maintenance(address: string, args: readonly string[], call: Call = {}): Promise<Result> {
    return this.#run([...args, "--nodes", address, "--insecure"], call);
  }

  get #talosconfig(): string {
    return join(this.#folder, "talosconfig");
  }

  async #keep(lasting: number): Promise<ClientCertificate> {
    const client = await this.#credentials.client(lasting);
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const context = { endpoints: [], ca: base64(this.#credentials.pem), crt: base64(client.cert), key: base64(client.key) };
    // JSON is YAML
    writeFileSync(this.#talosconfig, JSON.stringify({ context: "phoebe", contexts: { phoebe: context } }), { mode: 0o600 });
    chmodSync(this.#talosconfig, 0o600);
    return client;
  }

  #run(args: readonly string[], { timeout = 20, changes = false, ...watching }: Call): Promise<Result> {
    const { TALOS_CA: _secret, TALOSCONFIG: _other, ...env } = process.env;
    return new Promise((resolve, reject) => {
      let forget = () => {};
      const child = execFile(
        "talosctl",
        args,
        { env, encoding: "utf8", timeout: timeout * 1000, killSignal: "SIGKILL", maxBuffer: 64 << 20, signal: this.#signal },
        (error, stdout, stderr) => {
          forget();
          const cut = stop();
          if (cut && "reason" in cut) return reject(cut.reason);
          if (!error) return resolve({ ok: true, stdout, stderr, problem: "" });
          if (error.code === "ENOENT")
            return reject(new Failure("talosctl is not on PATH: install it, or use the lab's (`npm run lab -- env`)."));
          if (this.#signal.aborted) return reject(this.#signal.reason);
          const late = error.killed && `talosctl ${args[0]} did not end within ${timeout} s`;
          resolve({ ok: false, stdout, stderr, problem: cut?.problem || late || oneLine(stderr) || error.message });
        },
      );
      const stop = watch(child, `talosctl ${args[0]}`, watching);
      const started = changes && child.pid ? inspect(child.pid) : undefined;
      if (started) forget = this.#include(started.identity);
    });
  }
}

function oneLine(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("WARNING:")).join(" ");
}
