import { RunEnded } from "./failure.ts";
import { type Inspect, inspect, isAlive, type Process, wordsOf } from "./processes.ts";

/**
 * Whom a script works for. Started by Pulumi it is the engine's process, with all other scripts of that `pulumi up`;
 * started by hand it is the script itself.
 */
export interface Run {
  /** The process whose end is the run's end. */
  readonly identity: string;
  /** For messages: "pulumi (PID 4711)". */
  readonly label: string;
  /** The script's process, one of the run's. */
  readonly script: Process;
  /** The engine's process; undefined where a person started the script. */
  readonly engine?: Process;
}

const plugin = "pulumi-resource-command";
const engine = /^\.?pulumi(?!-resource)/;

/**
 * Finds the run by walking up: script ← shell ← pulumi-resource-command ← pulumi.
 * @param startedByEngine the caller knows that an engine started it: none to be found means that it is gone
 */
export function findRun(pid: number, startedByEngine: boolean, look: Inspect = inspect): Run {
  const script = look(pid);
  if (!script) throw new RunEnded(`This process (PID ${pid}) cannot find itself in the process table.`);

  let child = script;
  for (let parent = look(child.parent); parent; child = parent, parent = look(child.parent)) {
    if (child.name !== plugin) continue;
    if (!engine.test(parent.name)) break; // the plugin was inherited by another process: its engine has ended
    return { identity: parent.identity, label: `${parent.name} (PID ${parent.pid})`, script, engine: parent };
  }
  if (startedByEngine || child.name === plugin) {
    throw new RunEnded("The Pulumi engine that started this script is gone.");
  }
  return { identity: script.identity, label: `a script run by hand (PID ${pid})`, script };
}

/** Throws once the run is over: its engine has ended, or what started this script has. */
export function assertRunning(run: Run, look: Inspect = inspect): void {
  if (run.identity === run.script.identity) return;
  if (!isAlive(run.identity, look)) throw new RunEnded(`${run.label}, which started this script, is gone.`);
  if (look(run.script.pid)?.parent !== run.script.parent) {
    throw new RunEnded(`The Command of ${run.label} that started this script was stopped.`);
  }
}

/**
 * Whether a run is one that destroys everything, by the words that its engine was called with: `pulumi destroy`, of no chosen resources. What
 * is not plainly that is none: flags in front of the verb, and any that may choose.
 */
export function destroysAll({ engine }: Run, words: (pid: number) => readonly string[] = wordsOf): boolean {
  const [verb, ...flags] = engine ? words(engine.pid) : [];
  return verb === "destroy" && !flags.some((flag) => /^(--target|--exclude|-[a-z]*t)/i.test(flag));
}
