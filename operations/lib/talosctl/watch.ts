import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** How a process that may run long is watched over. */
export interface Watching {
  /** Told each line that it prints as it goes. */
  readonly progress?: (line: string) => void;
  /** Seconds without a line until it is killed. */
  readonly silence?: number;
  /** Called each second; it is killed when this throws. */
  readonly check?: () => void;
}

/** Why a process was killed before it ended by itself. */
export type Cut = { readonly problem: string } | { readonly reason: unknown };

/** Watches over a process until it is told to stop, which returns why it was cut short, if it was. */
export function watch(child: ChildProcess, name: string, { progress, silence, check }: Watching): () => Cut | undefined {
  let heard = performance.now();
  let cut: Cut | undefined;
  for (const input of progress ? [child.stdout, child.stderr] : []) {
    if (!input) continue;
    createInterface({ input }).on("line", (line) => {
      heard = performance.now();
      progress?.(line);
    });
  }
  const look = () => {
    try {
      check?.();
      if (silence && performance.now() - heard > silence * 1000) cut = { problem: `${name} said nothing for ${silence} s` };
    } catch (reason) {
      cut = { reason };
    }
    if (cut) child.kill("SIGKILL");
  };
  const timer = silence || check ? setInterval(look, 1000) : undefined;
  return () => {
    clearInterval(timer);
    return cut;
  };
}
