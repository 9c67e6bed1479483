/** A lab of one test or benchmark: its own folder, its own addresses. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { type Options as ExecaOptions, execa, type ResultPromise } from "execa";
import { type KubernetesCredentials, kubeconfigFor } from "../../../cluster/kubeconfig.ts";
import { revealed } from "../../../commands/pulumi.ts";
import { EventLog } from "./events.ts";

export const root = resolve(import.meta.dirname, "../../..");
const binary = join(root, ".lab/bin/lab");
/** A lab does not outlive the test or benchmark that started it, however that ends. */
const environmentOfCommands = { LAB_ROOT: root, LAB_OWNER: String(process.pid) };

export interface LabOptions {
  /** Names the lab's folder under `.lab/tests/`. */
  readonly name: string;
  readonly stack: string;
  /** Configuration that this lab has in place of the stack file's: the test's own addresses, at least. */
  readonly set: Readonly<Record<string, unknown>>;
}

interface State {
  readonly deployment: { readonly resources?: readonly { readonly type: string; readonly outputs?: Readonly<Record<string, unknown>> }[] };
}

export interface Run {
  readonly process: ResultPromise<{ reject: false; all: true }>;
  readonly events: EventLog;
}

/** A time in which a node was missed by its cluster, by the lab's own record. */
export interface Absence {
  /** RFC 3339. */
  readonly since: string;
  /** Absent while it is away. */
  readonly until?: string;
  readonly why: string;
}

export interface Machine {
  readonly name: string;
  readonly address: string;
  readonly stage: string;
  readonly hostname: string;
  readonly type: string;
  readonly bootID: string;
  readonly configured: boolean;
  /** Since the lab was started. */
  readonly boots: number;
  readonly upgrades: number;
  readonly absences: readonly Absence[];
  /** Absent while it is off. */
  readonly talosVersion?: string;
}

export class Lab {
  readonly folder: string;
  private environment: Record<string, string> = {};
  private runs = 0;
  private set: LabOptions["set"];

  readonly options: LabOptions;

  constructor(options: LabOptions) {
    this.options = options;
    this.set = options.set;
    this.folder = join(root, ".lab/tests", options.name);
  }

  /** Where the stack keeps its etcd snapshots. */
  get backups(): string {
    return join(this.folder, "backups");
  }

  /** Starts the machines, in maintenance mode, with an empty Pulumi state. */
  async start(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    await execa(binary, ["start", ...this.flags()], { cwd: root, env: environmentOfCommands });
    await this.readEnvironment();
  }

  /** Changes the declaration: there is a machine for each new node, and one that is no longer declared runs on until the stack has let it go. */
  async declare(set: LabOptions["set"]): Promise<void> {
    this.set = { ...this.set, ...set };
    await execa(binary, ["start", ...this.flags()], { cwd: root, env: environmentOfCommands });
  }

  async readEnvironment(): Promise<void> {
    const { stdout } = await execa(binary, ["env", "--dir", this.folder], { cwd: root, env: environmentOfCommands });
    this.environment = Object.fromEntries(
      [...stdout.matchAll(/^export ([A-Z_]+)=(?:'([^']*)'|"([^"]*)"|(\S*))$/gm)].map((m) => [m[1] ?? "", m[2] ?? m[3] ?? m[4] ?? ""]),
    );
  }

  /** `npm run lab -- <arguments>` for this lab, its output into a pipe; `watching` is called every now and then while it runs. */
  async command(args: readonly string[], { fresh = false, watching }: { fresh?: boolean; watching?: () => void } = {}) {
    if (fresh) {
      await this.stop();
      rmSync(this.folder, { recursive: true, force: true });
    }
    const running = execa(binary, [...args, ...this.flags()], {
      cwd: root,
      env: environmentOfCommands,
      reject: false,
      all: true,
      stdin: "ignore",
    });
    const timer = watching === undefined ? undefined : setInterval(watching, 100);
    const result = await running.finally(() => clearInterval(timer));
    if (result.exitCode === 0) await this.readEnvironment();
    return result;
  }

  private flags(): string[] {
    const set = Object.entries(this.set).flatMap(([key, value]) => ["--set", `${key}=${JSON.stringify(value)}`]);
    // The same tests, with other plugins or charts: what `npm run lab -- --plugins` and `--charts` take.
    const { LAB_PLUGINS: plugins, LAB_CHARTS: charts } = process.env;
    const others = [...(plugins ? ["--plugins", plugins] : []), ...(charts ? ["--charts", charts] : [])];
    return ["--dir", this.folder, "--stack", this.options.stack, ...set, ...others];
  }

  async stop(): Promise<void> {
    await execa(binary, ["stop", "--dir", this.folder], { cwd: root, env: environmentOfCommands });
  }

  /** Any of the lab's tools (pulumi, talosctl, kubectl) as `npm run lab -- env` has a person run it. Never rejects: look at `exitCode`. */
  tool(name: string, args: readonly string[], options: ExecaOptions = {}) {
    return execa(name, [...args], {
      cwd: root,
      ...options,
      env: { ...this.environment, PULUMI_DEBUG_COMMANDS: "true", ...options.env },
      reject: false,
      all: true,
      stdin: "ignore",
    } as const);
  }

  /** The standard output of a tool that has to succeed. */
  async output(name: string, ...args: readonly string[]): Promise<string> {
    const result = await this.tool(name, args);
    if (result.exitCode !== 0) throw new Error(`${name} ${args.join(" ")} ended with ${result.exitCode}:\n${String(result.all)}`);
    return String(result.stdout);
  }

  /** Begins `pulumi <verb> --yes`, its events followed as they happen. */
  begin(verb: "up" | "destroy" | "refresh" = "up", options: ExecaOptions = {}): Run {
    this.runs += 1;
    const events = new EventLog(join(this.folder, `events-${this.runs}.jsonl`));
    const process = this.tool(
      "pulumi",
      [verb, "--yes", "--skip-preview", "--non-interactive", "--color=never", `--event-log=${events.path}`],
      options,
    );
    const run = { process: process as unknown as Run["process"], events };
    process.then(
      () => events.close(),
      () => events.close(),
    );
    return run;
  }

  /** `pulumi up` to its end; throws with what it printed unless it succeeded. */
  async up(options: ExecaOptions = {}): Promise<Readonly<Record<string, number>>> {
    const run = this.begin("up", options);
    const result = await run.process;
    if (result.exitCode !== 0) throw new Error(`pulumi up ended with ${result.exitCode}:\n${result.all}`);
    return run.events.events.find((event) => event.summaryEvent)?.summaryEvent?.resourceChanges ?? {};
  }

  /** A stack output, secrets shown. */
  async stackOutput<T>(name: string): Promise<T> {
    return JSON.parse(await this.output("pulumi", "stack", "output", name, "--json", "--show-secrets")) as T;
  }

  /** Writes the kubeconfig and the talosconfig where `npm run lab` would, for the tools. */
  async writeCredentials(): Promise<void> {
    for (const name of ["kubeconfig", "talosconfig"]) {
      writeFileSync(join(this.folder, name), await this.stackOutput<string>(name), { mode: 0o600 });
    }
  }

  async config(key: string, value: string): Promise<void> {
    await this.output("pulumi", "config", "set", key, value);
  }

  /** What the lab knows of its machines, by declared hostname. */
  async machines(): Promise<Machine[]> {
    return JSON.parse(await this.control("GET", "/machines")) as Machine[];
  }

  async machine(name: string, action: "off" | "on" | "wipe"): Promise<void> {
    await this.control("POST", `/machines/${name}/${action}`);
  }

  /** Has a machine fail in one of the ways of `npm run lab -- fault --list`, until it is mended. */
  async fault(name: string, kind: string): Promise<void> {
    await this.control("POST", `/machines/${name}/fault/${kind}`);
  }

  /** etcd's members, asked of each machine that has any: one list of sorted member IDs for each cluster that exists. */
  async etcdClusters(): Promise<string[]> {
    const clusters = new Set<string>();
    for (const machine of (await this.machines()).filter(({ configured, stage }) => configured && stage === "running")) {
      const members = await this.tool("talosctl", ["etcd", "members", "-n", machine.address, "-e", machine.address]);
      if (members.exitCode !== 0) continue;
      const ids = [...String(members.stdout).matchAll(/^\S+\s+([0-9a-f]{16})\s/gm)].map((match) => match[1]);
      if (ids.length > 0) clusters.add(ids.sort().join(" "));
    }
    return [...clusters];
  }

  /** A kubeconfig for the first node's API server, from the state of a run that has not ended: the stack has no outputs yet. */
  async kubeconfigOfNode(): Promise<string> {
    const state = JSON.parse(await this.output("pulumi", "stack", "export", "--show-secrets")) as State;
    const made = state.deployment.resources?.find(({ type }) => type === "talos:cluster/kubeconfig:Kubeconfig");
    if (made === undefined) throw new Error("the stack has no kubeconfig yet");
    const { kubernetesClientConfiguration: granted } = revealed(made.outputs) as { kubernetesClientConfiguration: KubernetesCredentials };
    const [machine] = await this.machines();
    if (machine === undefined) throw new Error("the lab has no machines");
    const path = join(this.folder, "kubeconfig-of-node");
    writeFileSync(path, kubeconfigFor("lab", `https://${machine.address}:6443`, granted), { mode: 0o600 });
    return path;
  }

  private control(method: string, path: string): Promise<string> {
    return new Promise((fulfil, reject) => {
      const call = request({ socketPath: join(this.folder, "control.sock"), method, path }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () =>
          response.statusCode === 200 ? fulfil(body) : reject(new Error(`${method} ${path}: ${response.statusCode} ${body}`)),
        );
      });
      call.on("error", reject);
      call.end();
    });
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }
}
