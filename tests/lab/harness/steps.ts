/** The steps of a rollout as the engine's event log tells them, and kill points spread over them. */
import { type EngineEvent, nameOf } from "./events.ts";

/** Something begins to happen to a resource, or, with `says`, its script tells of its progress. */
export interface Step {
  /** For the report. */
  readonly what: string;
  readonly resource: RegExp;
  readonly says?: RegExp;
}

/** Steps in the order in which a rollout takes them. */
export class Steps {
  readonly all: readonly Step[];

  constructor(all: readonly Step[]) {
    this.all = all;
  }

  /** Which step an event shows, counted from 0; -1 where it shows none. */
  at(event: EngineEvent): number {
    return this.all.findIndex((step) => shows(step, event));
  }

  /** The steps at which to kill, `count` of them, as far apart as can be. */
  spread(count: number): number[] {
    return Array.from({ length: count }, (_, n) => Math.floor((n * this.all.length) / count));
  }
}

function shows({ resource, says }: Step, { resourcePreEvent: begun, diagnosticEvent: said }: EngineEvent): boolean {
  if (says === undefined) return begun !== undefined && begun.metadata.op !== "same" && resource.test(nameOf(begun.metadata.urn));
  return said?.urn !== undefined && said.severity !== "debug" && resource.test(nameOf(said.urn)) && says.test(said.message);
}
