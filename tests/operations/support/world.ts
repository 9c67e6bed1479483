import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa, type ResultPromise } from "execa";
import { inject, vi } from "vitest";
import { makeAuthority, makeServer, type Pair, talosCa } from "./pki.ts";

// A test here starts several processes, and two slow cores may be busy with others.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/** What one talosctl command answers. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** The file that it copies to the path in its last word. */
  readonly writes?: string;
  /** The engine that started the caller is killed meanwhile. */
  readonly kill?: boolean;
}

/** Until a call of these words was made, the nodes answer so; with it, machines may change their state. */
export interface Phase {
  readonly until?: string;
  readonly after?: [address: string, mode: Mode][];
  readonly nodes: Record<string, Record<string, Answer>>;
}

/** A call of talosctl, as it was seen. */
export interface Call {
  readonly address: string;
  /** The node that passes the call on, or the same. */
  readonly endpoint: string;
  readonly words: string;
  readonly args: string[];
  readonly insecure: boolean;
  readonly secretSeen: boolean;
  readonly modes?: string[];
  /** What it was given by `--file`. */
  readonly file?: { readonly names: number; readonly mode: string; readonly content: string };
}

/** How a machine's Talos API behaves. */
export type Mode = "maintenance" | "ours" | "foreign" | "refusing" | "ahead";

export const repository = resolve(import.meta.dirname, "../../..");
export const node = join(repository, "node_modules/.bin/node");

/** A cluster's machines as far as scripts see them: TLS on 127.207.0.0/16, and a talosctl that answers as the test says. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "phoebe-operations-"));
  readonly authority: Pair;
  readonly other: Pair;
  #api: ResultPromise<{ stdin: "pipe"; stdout: "pipe" }> | undefined;

  private constructor(authority: Pair, other: Pair) {
    this.authority = authority;
    this.other = other;
    for (const name of ["bin", "machines", "modes", "runtime"]) mkdirSync(join(this.folder, name), { mode: 0o700 });
    symlinkSync(join(inject("standIns"), "talosctl"), join(this.folder, "bin/talosctl"));
  }

  static async start(addresses: string[]): Promise<World> {
    const world = new World(await makeAuthority(), await makeAuthority());
    for (const address of addresses) await world.#prepare(address);
    world.#api = execa(join(inject("standIns"), "talosapi"), [join(world.folder, "machines"), ...addresses], {
      stdin: "pipe",
      stdout: "pipe",
    });
    await Promise.race([once(world.#api.stdout, "data"), world.#api]); // "ready", or the error that it ended with
    return world;
  }

  async #prepare(address: string): Promise<void> {
    const ours = await makeServer(this.authority, address);
    const foreign = await makeServer(this.other, address);
    const modes: Record<Mode, object> = {
      maintenance: { ...foreign, clientCA: "", ahead: "0s" },
      ours: { ...ours, clientCA: this.authority.cert, ahead: "0s" },
      foreign: { ...foreign, clientCA: this.other.cert, ahead: "0s" },
      refusing: { ...ours, clientCA: this.other.cert, ahead: "0s" },
      ahead: { ...ours, clientCA: this.authority.cert, ahead: "20m" },
    };
    for (const [mode, state] of Object.entries(modes)) writeFileSync(this.#mode(address, mode as Mode), JSON.stringify(state));
  }

  #mode(address: string, mode: Mode): string {
    return join(this.folder, "modes", `${address}.${mode}.json`);
  }

  #machine(address: string): string {
    return join(this.folder, "machines", `${address}.json`);
  }

  /** Puts machines in a mode; all others hang up. */
  set(modes: Record<string, Mode>): void {
    for (const name of readdirSync(join(this.folder, "machines"))) rmSync(join(this.folder, "machines", name));
    for (const [address, mode] of Object.entries(modes)) writeFileSync(this.#machine(address), readFileSync(this.#mode(address, mode)));
  }

  /** The version that talosctl says it is. */
  client = "v1.13.0";

  /** Says what talosctl answers from now on, and forgets the calls so far. */
  talosctl(...phases: Phase[]): void {
    rmSync(join(this.folder, "calls"), { force: true });
    const told = phases.map(({ until, after = [], nodes }) => ({
      until,
      after: after.map(([address, mode]) => [this.#mode(address, mode), this.#machine(address)]),
      nodes: Object.fromEntries(Object.entries(nodes).map(([address, answers]) => [address, inOrder(answers)])),
    }));
    writeFileSync(
      join(this.folder, "scenario.json"),
      JSON.stringify({ log: join(this.folder, "calls"), client: this.client, phases: told }),
    );
  }

  get calls(): Call[] {
    const log = join(this.folder, "calls");
    if (!existsSync(log)) return [];
    return readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Call);
  }

  get environment(): Record<string, string> {
    return {
      PATH: `${join(this.folder, "bin")}:${process.env.PATH}`,
      PHOEBE_RUNTIME_DIR: join(this.folder, "runtime"),
      SCENARIO: join(this.folder, "scenario.json"),
      CLUSTER_NAME: "phoebe",
      CLUSTER_ID: "an ID/of phoebe=",
      TALOS_CA: talosCa(this.authority),
      DECLARED_NODE_TIMEOUT: "20",
    };
  }

  /** Runs a script of operations/ as a person would. */
  run(script: string, variables: Record<string, string>, input?: string) {
    const [file = "", ...words] = script.split(" ");
    const env = { ...this.environment, ...variables };
    return execa(node, [`operations/${file}.ts`, ...words], { cwd: repository, env, extendEnv: false, reject: false, input });
  }

  /** The private folders of scripts that are left. */
  get leftovers(): string[] {
    return readdirSync(join(this.folder, "runtime"), { recursive: true, encoding: "utf8" }).filter(
      (path) => path.includes("talosconfig") || path.includes("~"),
    );
  }

  async stop(): Promise<void> {
    this.#api?.stdin.end();
    await this.#api;
    rmSync(this.folder, { recursive: true });
  }
}

/** A node's answers by the words that a call begins with, of which the first that fit count. */
const inOrder = (answers: Record<string, Answer>) => Object.entries(answers).map(([words, answer]) => ({ words, answer }));

/** A member as etcd lists it; `status` of the same number is its own. */
export interface EtcdMember {
  readonly hostname: string;
  readonly address: string;
  readonly learner?: boolean;
}

const memberId = (i: number) => `${i + 1}fe7a6bd1e0ab4b1`;
const table = (...rows: string[][]): Answer => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 3) ?? [];
  return { stdout: `${rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("")).join("\n")}\n` };
};

/** What talosctl prints of a control plane node. */
export const prints = {
  specs: (...specs: unknown[]): Answer => ({
    stdout: specs.map((spec, i) => `${JSON.stringify({ metadata: { id: `${i}` }, node: "", spec }, null, 4)}\n`).join(""),
  }),
  /** The control plane's addresses, by where a node has them from. */
  endpoints: (known: Record<string, string[]>): Answer => ({
    stdout: Object.entries(known)
      .map(([id, addresses]) => `${JSON.stringify({ metadata: { id, version: 1 }, node: "", spec: { addresses, hosts: [] } }, null, 4)}\n`)
      .join(""),
  }),
  /** Where a node has its volumes: on partitions, but for what is a directory, in Talos's words nowhere. */
  volumes: (more: Record<string, string> = {}): Answer => ({
    stdout: Object.entries({ META: "/dev/sda3", STATE: "/dev/sda4", EPHEMERAL: "/dev/sda5", ETCD: "", CRI: "", ...more })
      .map(([id, location]) => `${JSON.stringify({ metadata: { id }, node: "", spec: { phase: "ready", location } }, null, 4)}\n`)
      .join(""),
  }),
  version: (tag: string): Answer => ({
    stdout: `Client:\n\tTag:         v1.13.0\n\tSHA:         abc\nServer:\n\tNODE:        127.207.0.1\n\tTag:         ${tag}\n\tSHA:         def\n`,
  }),
  members: (...members: EtcdMember[]): Answer =>
    table(
      ["NODE", "ID", "HOSTNAME", "PEER URLS", "CLIENT URLS", "LEARNER"],
      ...members.map(({ hostname, address, learner }, i) => [
        address,
        memberId(i),
        hostname,
        `https://${address}:2380`,
        `https://${address}:2379`,
        `${learner ?? false}`,
      ]),
    ),
  etcdStatus: (own: number, leader: number, errors = ""): Answer =>
    table(
      [
        "NODE",
        "MEMBER",
        "DB SIZE",
        "IN USE",
        "LEADER",
        "RAFT INDEX",
        "RAFT TERM",
        "RAFT APPLIED INDEX",
        "LEARNER",
        "PROTOCOL",
        "STORAGE",
        "ERRORS",
      ],
      ["127.207.0.1", memberId(own), "1.2 MB", "500 kB (41.00%)", memberId(leader), "9", "2", "9", "false", "3.6.0", "3.6.0", errors],
    ),
  spec: (spec: unknown): Answer => ({ stdout: `${JSON.stringify({ metadata: { id: "one" }, node: "", spec }, null, 4)}\n` }),
  service: (state: string, health = "?"): Answer => ({
    stdout: `NODE     127.207.0.1\nID       etcd\nSTATE    ${state}\nHEALTH   ${health}\nEVENTS   [${state}]: Running pre state (1s ago)\n`,
  }),
  list: (...names: string[]): Answer => ({
    stdout: `NODE          NAME\n${[".", ...names].map((name) => `127.207.0.1   ${name}\n`).join("")}`,
  }),
};

/** The answers of a control plane node by its state. */
export const answers = {
  waiting: { "service etcd": prints.service("Preparing"), "list /var/lib/etcd": prints.list(), read: { stdout: "boot-1\n" } },
  member: { "service etcd": prints.service("Running", "OK"), "list /var/lib/etcd": prints.list("member") },
  maintenance: { "get machinestatus": prints.spec({ stage: "maintenance" }) },
} satisfies Record<string, Record<string, Answer>>;
