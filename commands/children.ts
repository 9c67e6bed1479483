import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";

/**
 * Waits for a program in front of which this process stands, and hands signals on to it. Settles with its exit code: 128 and the signal's
 * number where a signal ended it.
 */
export function ended(child: ChildProcess): Promise<number> {
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // Ctrl-C on a terminal reaches all of its programs by itself. Pulumi takes a second one for an order to end at once.
      if (signal !== "SIGINT" || !hasTerminal) child.kill(signal);
    });
  }
  return new Promise((settle, fail) => {
    child.once("error", fail);
    child.once("close", (code, signal) => settle(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}
