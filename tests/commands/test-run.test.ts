import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { inspect } from "../../operations/lib/script/processes.ts";
import { readLines } from "../operations/support/lines.ts";

const root = resolve(import.meta.dirname, "../..");

test.each(["SIGTERM", "SIGINT"] as const)("npm test that is ended by %s ends the stage that runs, and begins no other", async (signal) => {
  const run = spawn(process.execPath, [join(root, "tests/run.mjs"), "types", "style"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const children = () => readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  const { lines, until } = readLines(run.stdout);
  await until("── types");
  await expect.poll(children).not.toEqual([]);
  const [stage = 0] = children();
  run.kill(signal);
  expect(await once(run, "exit")).toEqual([null, signal]);
  expect(inspect(stage)).toBeUndefined();
  expect(lines.join()).not.toContain("style");
});
