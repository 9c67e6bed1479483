/**
 * `npm run up` and its like: the project's own Pulumi, and a node that fails holds up only what waits for it. The `pulumi` that npm brings would
 * do, but ends with the first Ctrl-C while Pulumi itself goes on behind the prompt.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { delimiter, dirname } from "node:path";
import { ended } from "./children.ts";

const { resolve } = createRequire(import.meta.url)("pulumi/lib/resolve.js") as { resolve: () => Promise<string> };
const { PATH = "", PULUMI_CONTINUE_ON_ERROR = "true" } = process.env;

try {
  const program = await resolve();
  // Its language host lies beside it.
  const env = { ...process.env, PULUMI_CONTINUE_ON_ERROR, PATH: [dirname(program), PATH].join(delimiter) };
  process.exitCode = await ended(spawn(program, process.argv.slice(2), { stdio: "inherit", env }));
} catch (error) {
  console.error(`Pulumi was not started: ${(error as Error).message}`);
  process.exitCode = 1;
}
