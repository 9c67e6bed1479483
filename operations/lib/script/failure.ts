import { UserError } from "../../../cluster/user-error.ts";

/** A failure that a person can act on: its message is all that is printed. */
export class Failure extends UserError {
  /** What the script's process ends with. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exits.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The run that this script belongs to is over: nothing may be changed in its name any more. */
export class RunEnded extends Failure {
  constructor(message: string) {
    super(`${message} Nothing further was changed; run it again.`, exits.runEnded);
  }
}

/** What the scripts' processes end with; operations/README.md explains them. */
export const exits = { failed: 1, badInput: 2, runEnded: 3 } as const;

/** The first line of what went wrong at the bottom of it, for a sentence about it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message.trim().split("\n")[0] || error.name;
}
