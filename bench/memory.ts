/** What a lab takes of this computer's memory. */
import { readFileSync } from "node:fs";
import type { Lab } from "../tests/lab/harness/lab.ts";
import { processes } from "../tests/lab/harness/processes.ts";

/** The memory of all processes of a lab, in GiB; what several of them share is counted once. */
export function memoryOf(lab: Lab): number {
  const own = processes().filter(({ arguments: words }) => words.some((word) => word.includes(lab.folder)));
  if (own.length === 0) throw new Error("the lab has no processes");
  const kilobytes = own.map(({ pid }) => Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]));
  return kilobytes.reduce((sum, one) => sum + one, 0) / 2 ** 20;
}
