import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunEnded } from "./failure.ts";
import { type Inspect, inspect, isAlive } from "./processes.ts";
import type { Run } from "./run.ts";
import { clusterFolders } from "./runtime-folder.ts";

/** Who holds the lock; the file of it is named by a number, and the highest number counts. */
interface Holder {
  readonly number: number;
  readonly run: string;
  readonly label: string;
}

/**
 * A cluster's lock, held by a run and shared by its scripts. Nobody gives it back: it is free once the engine that
 * holds it and every script of that run have ended, and then the next run adds a file with the next number. Adding is
 * a link(2), which is atomic, brings the whole content and fails where another was faster; so a kill at any
 * point leaves either the old holder or the new one.
 */
export class Lock {
  /** This script's private folder: says that the script runs, holds its credentials, and goes with it. */
  readonly scriptFolder: string;

  readonly #folder: string;
  readonly #holders: string;
  readonly #scripts: string;
  readonly #run: Run;
  readonly #look: Inspect;

  /** Registers the script: from now on another run waits for its end too. */
  constructor(folder: string, run: Run, look: Inspect = inspect) {
    this.#run = run;
    this.#look = look;
    this.#folder = folder;
    this.#holders = join(folder, "holders");
    this.#scripts = join(folder, "scripts");
    for (const path of [this.#holders, this.#scripts]) mkdirSync(path, { recursive: true, mode: 0o700 });
    this.scriptFolder = this.#markerOf(run.script.identity);
    mkdirSync(this.scriptFolder, { mode: 0o700 });
  }

  /** Takes the lock, or joins the run that holds it. Returns whom to wait for when another run does. */
  acquire(): string | undefined {
    const holder = this.#holder();
    if (holder?.run === this.#run.identity) return undefined;
    const busy = holder && this.#busy(holder);
    if (busy) return busy;
    this.#take((holder?.number ?? 0) + 1);
    const taken = this.#holder();
    return taken?.run === this.#run.identity ? undefined : (taken?.label ?? "another run");
  }

  /** Throws unless the lock is still this run's. */
  assertHeld(): void {
    const holder = this.#holder();
    if (holder?.run === this.#run.identity) return;
    throw new RunEnded(`The cluster's lock was ${holder ? `taken over by ${holder.label}` : "removed"}.`);
  }

  /** Names a process that goes on changing the cluster if this script is killed, so that it is waited for too. */
  include(identity: string): () => void {
    const marker = this.#markerOf(identity);
    mkdirSync(marker, { recursive: true, mode: 0o700 });
    return () => rmSync(marker, { recursive: true, force: true });
  }

  /** Ends the script's part in the run. The lock stays the run's. */
  leave(): void {
    rmSync(this.scriptFolder, { recursive: true, force: true });
  }

  #markerOf(identity: string): string {
    return join(this.#scripts, `${this.#run.identity}~${identity}`);
  }

  /** A sentence's subject for what of the run is still there: its engine, or a script that outlived it. */
  #busy(holder: Holder): string | undefined {
    if (isAlive(holder.run, this.#look)) return holder.label;
    const left = markersIn(this.#scripts).find(({ run, script }) => run === holder.run && isAlive(script, this.#look));
    return left && `${holder.label}, which has ended but left process ${left.script.split("-", 1)[0]} running`;
  }

  #numbers(): number[] {
    return readdirSync(this.#holders)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  }

  #holder(): Holder | undefined {
    const number = Math.max(0, ...this.#numbers());
    if (number === 0) return undefined;
    try {
      return { ...JSON.parse(readFileSync(join(this.#holders, String(number)), "utf8")), number };
    } catch (error) {
      // Two takeovers later the file is gone: look again.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return this.#holder();
      throw error;
    }
  }

  #take(number: number): void {
    const draft = join(this.#holders, `${this.#run.script.identity}.draft`);
    writeFileSync(draft, JSON.stringify({ run: this.#run.identity, label: this.#run.label }), { mode: 0o600 });
    try {
      linkSync(draft, join(this.#holders, String(number)));
      this.#sweep(number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Removes what killed runs left behind. The number before ours stays: somebody may be reading it just now. */
  #sweep(number: number): void {
    for (const old of this.#numbers()) {
      if (old < number - 1) rmSync(join(this.#holders, String(old)), { force: true });
    }
    // A killed script of another cluster left its credentials too, and that cluster's next run may be far.
    const scripts = clusterFolders(this.#folder).map((folder) => join(folder, "scripts"));
    for (const { path, script } of scripts.filter((folder) => existsSync(folder)).flatMap(markersIn)) {
      if (!isAlive(script, this.#look)) rmSync(path, { recursive: true, force: true });
    }
  }
}

/** The scripts that are there, each with its private folder. */
function markersIn(scripts: string): { path: string; run: string; script: string }[] {
  return readdirSync(scripts).map((name) => {
    const [run = "", script = ""] = name.split("~");
    return { path: join(scripts, name), run, script };
  });
}

/**
 * The lock by which scripts of one run take turns at what is done to one node at a time: a script holds it, until it has ended.
 * @param doing what it does with its turn, told to those that wait
 */
export function turn(folder: string, { script }: Run, doing: string, look: Inspect = inspect): Lock {
  return new Lock(join(folder, "turns"), { identity: script.identity, label: doing, script }, look);
}
