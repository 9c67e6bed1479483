import { createInterface } from "node:readline";
import { expect } from "vitest";

/** Reads what processes write, line by line, while they run. */
export function readLines(stream: NodeJS.ReadableStream) {
  const lines: string[] = [];
  const source = createInterface({ input: stream });
  /** Once nobody is left to write to it. */
  const ended = new Promise<void>((resolve) => source.once("close", resolve));
  source.on("line", (line) => lines.push(line));
  const until = (text: string) => expect.poll(() => lines, { timeout: 60_000, interval: 20 }).toContainEqual(expect.stringContaining(text));
  return { lines, until, ended };
}
