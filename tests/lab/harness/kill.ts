/** SIGKILL at a point of the engine's event log, and what is left then. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type EngineEvent, nameOf } from "./events.ts";
import type { Lab } from "./lab.ts";
import { type Process, tree } from "./processes.ts";

export type Victim = "CLI" | "tree";

export interface KillPoint {
  /** For the report. */
  readonly what: string;
  readonly at: (event: EngineEvent) => boolean;
  /** Something of the outside to await after the event, so that the kill falls inside the step. */
  readonly inside?: (lab: Lab, cli: number) => Promise<void>;
}

/** What a kill found. */
export interface Killed {
  readonly event: EngineEvent;
  /** What was running for the run at that moment, the CLI first. */
  readonly processes: readonly Process[];
}

/** The engine is about to do something to a resource of that type whose name matches. */
export function stepOf(type: string, name: RegExp = /./): KillPoint["at"] {
  return ({ resourcePreEvent: step }) =>
    step !== undefined && step.metadata.type === type && step.metadata.op !== "same" && name.test(nameOf(step.metadata.urn));
}

/** Resolves once a script of `operations/` runs for the CLI. */
export async function scriptRuns(_lab: Lab, cli: number): Promise<void> {
  const runs = () => tree(cli).some(({ arguments: words }) => words.some((word) => word.startsWith("operations/")));
  while (!runs()) await nextTurn();
}

/** Runs `pulumi up` until the point, and kills it there. */
export async function killedUp(lab: Lab, victim: Victim, point: KillPoint): Promise<Killed> {
  const run = lab.begin("up");
  const event = await run.events.until(point.at, run.process).catch(async (error: Error) => {
    const ended = await run.process;
    throw new Error(`${point.what}: ${error.message}\n${ended.all}`);
  });
  const pid = run.process.pid;
  if (pid === undefined) throw new Error("pulumi did not start");
  if (point.inside !== undefined) {
    const over = run.process.then(({ all }) => {
      throw new Error(`${point.what}: the run ended before the kill\n${all}`);
    });
    await Promise.race([point.inside(lab, pid), over]);
  }
  const doomed = tree(pid);
  for (const process of victim === "CLI" ? doomed.slice(0, 1) : doomed) {
    try {
      globalThis.process.kill(process.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
  await run.process;
  console.log(`killed ${victim} at ${point.what}: event ${event.sequence}, ${told(event)}`);
  return { event, processes: doomed };
}

/** An event in a few words. */
export function told({ resourcePreEvent: begun, diagnosticEvent: said }: EngineEvent): string {
  if (begun !== undefined) return `${begun.metadata.op} ${nameOf(begun.metadata.urn)}`;
  return `${said?.urn === undefined ? "" : nameOf(said.urn)}: ${said?.message.trim() ?? ""}`;
}
