/** Watches Linux's process table for scripts of several runs that work on one cluster at once. */
import { basename } from "node:path";
import type { Lab } from "./lab.ts";
import { type Process, processes, tree } from "./processes.ts";

/** How often it looks, in milliseconds: far shorter than any call that changes a node takes. */
const period = 200;

/** A script is at work while a talosctl runs for it: one that waits for its turn has none. */
export class ScriptWatch {
  /** Each moment at which scripts of more than one run were at work, in words. */
  readonly clashes: string[] = [];
  readonly #lab: Lab;
  /** Which run a script belongs to, by its PID and start: after the end of its engine the table does not tell any more. */
  readonly #runs = new Map<string, string>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#timer = setInterval(() => this.#look(), period);
  }

  /** How many scripts were seen: none would mean that nothing was watched. */
  get seen(): number {
    return this.#runs.size;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const all = processes();
    for (const cli of all) {
      const run = cli.arguments.find((word) => word.startsWith(`--event-log=${this.#lab.folder}/`));
      if (run === undefined) continue;
      for (const script of tree(cli.pid, all).filter(isScript)) this.#runs.set(identity(script), run);
    }
    const working = all.filter((process) => this.#runs.has(identity(process)) && tree(process.pid, all).some(isTalosctl));
    const runs = new Set(working.map((script) => this.#runs.get(identity(script))));
    if (runs.size > 1)
      this.clashes.push(working.map((script) => `${this.#runs.get(identity(script))}: ${script.arguments.join(" ")}`).join("; "));
  }
}

const isScript = ({ arguments: words }: Process) => words.some((word) => word.startsWith("operations/"));
const isTalosctl = ({ arguments: [program = ""] }: Process) => basename(program) === "talosctl";
const identity = ({ pid, started }: Process) => `${pid}-${started}`;
