import { spawn } from "node:child_process";
import { chmodSync, closeSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientCertificate } from "../../../cluster/secrets/client-certificate.ts";
import { Failure } from "../script/failure.ts";
import { inspect } from "../script/processes.ts";
import { namelessFile } from "./nameless-file.ts";
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
  /** The address of the control plane node that passes the call on, where the node itself need not be reachable from here. */
  readonly through?: string;
  /** It changes something: another run then waits for its end even if this script is killed. */
  readonly changes?: boolean;
  /** What it reads as the file /dev/stdin. */
  readonly input?: string;
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

  /** Asks a configured node, of itself unless it is said through whom. */
  async node(address: string, args: readonly string[], call: Call = {}): Promise<Result> {
    await this.client(call.timeout);
    return this.#run([...args, "--nodes", address, "--endpoints", call.through ?? address, "--talosconfig", this.#talosconfig], call);
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

  #run(args: readonly string[], { timeout = 20, changes = false, input, ...watching }: Call): Promise<Result> {
    const { TALOS_CA: _secret, TALOSCONFIG: _other, ...env } = process.env;
    const stdin = input === undefined ? undefined : namelessFile(this.#folder, input);
    const options = { env, timeout: timeout * 1000, killSignal: "SIGKILL", signal: this.#signal } as const;
    const child = spawn("talosctl", args, { ...options, stdio: [stdin ?? "ignore", "pipe", "pipe"] });
    if (stdin !== undefined) closeSync(stdin);
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (text: string) => {
        printed[stream] += text;
      });
    }
    const stop = watch(child, `talosctl ${args[0]}`, watching);
    const started = changes && child.pid ? inspect(child.pid) : undefined;
    const forget = started ? this.#include(started.identity) : () => {};
    return new Promise((resolve, reject) => {
      const end = (error: NodeJS.ErrnoException | undefined, code?: number | null) => {
        forget();
        const cut = stop();
        if (cut && "reason" in cut) return reject(cut.reason);
        if (code === 0) return resolve({ ok: true, ...printed, problem: "" });
        if (error?.code === "ENOENT")
          return reject(new Failure("talosctl is not on PATH: install it, or use the lab's (`npm run lab -- env`)."));
        if (this.#signal.aborted) return reject(this.#signal.reason);
        const late = child.killed && `talosctl ${args[0]} did not end within ${timeout} s`;
        const ended = error?.message ?? (code === null ? "it was killed" : `it ended with ${code}`);
        resolve({ ok: false, ...printed, problem: cut?.problem || late || oneLine(printed.stderr) || `talosctl ${args[0]}: ${ended}` });
      };
      child.once("error", (error) => end(error));
      child.once("close", (code) => end(undefined, code));
    });
  }
}

function oneLine(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("WARNING:")).join(" ");
}
