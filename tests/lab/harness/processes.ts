/** Reads Linux's process table: what the kill tests end, and what they look for afterwards. */
import { readdirSync, readFileSync } from "node:fs";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since boot: with the PID, it names one process for good. */
  readonly started: string;
  readonly arguments: readonly string[];
}

/** Every process of this machine that can be read at this moment. */
export function processes(): Process[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        // The command name in parentheses may hold spaces, so the fields are counted from the last parenthesis.
        const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const commandLine = readFileSync(`/proc/${entry}/cmdline`, "utf8");
        return [
          { pid: Number(entry), parent: Number(fields[1]), started: fields[19] ?? "", arguments: commandLine.split("\0").slice(0, -1) },
        ];
      } catch {
        return []; // it ended between the two looks
      }
    });
}

/** `root` and all that descends from it, parents first. */
export function tree(root: number, all: readonly Process[] = processes()): Process[] {
  const found = all.filter((process) => process.pid === root);
  for (const parent of found) found.push(...all.filter((process) => process.parent === parent.pid && process.pid !== root));
  return found;
}

/** Whether that very process (not another with its PID) still exists. */
export function alive(process: Process): boolean {
  return processes().some((other) => other.pid === process.pid && other.started === process.started);
}
