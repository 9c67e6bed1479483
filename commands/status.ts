/** `npm run status`: what each node is declared to be, against what it is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { Command } from "commander";
import { type Paint, report } from "../cluster/status/report.ts";
import { exitCodes } from "../cluster/status/state.ts";
import { Failure } from "../operations/lib/script/failure.ts";
import { pathGiven, root } from "./project.ts";
import { outputsOf, type Stack, stackOf } from "./pulumi.ts";
import { look } from "./status/cluster.ts";
import { readDeclared } from "./status/declared.ts";
import { differencesOf } from "./status/differences.ts";
import { type Client, parseTalosconfig, readTalosconfig, TalosconfigError } from "./status/talosconfig.ts";
import { telling } from "./telling.ts";

const command = new Command("npm run status --")
  .description("Each node as declared, different or unknown, and what to do about it. Asks all of them; changes nothing.")
  .argument("[stack]", "the stack; the selected one, if none is named")
  .option("--talosconfig <file>", "a client of your own for the Talos API, in the place of the one in the stack's outputs")
  .option("--json", "for machines")
  .addHelpText("after", "\nExit code: 0 all is as declared, 2 something is different, 3 something is unknown, 1 it could not be asked.")
  .parse();
const options = command.opts<{ talosconfig?: string; json?: boolean }>();

/** A client, and the machine configs as the stack's last up rendered them: what was secret in them is so in what runs. */
async function access(stack: Stack): Promise<{ client: Client; rendered: Record<string, string> }> {
  if (options.talosconfig !== undefined) {
    return { client: readTalosconfig(pathGiven(options.talosconfig)), rendered: {} };
  }
  const { talosconfig, machineConfigurations = {} } = await outputsOf(root, stack);
  if (typeof talosconfig !== "string") throw new TalosconfigError(`stack ${stack.name} has no output talosconfig yet: npm run up`);
  return { client: parseTalosconfig("the output talosconfig", talosconfig), rendered: machineConfigurations as Record<string, string> };
}

async function status(folder: string, signal: AbortSignal): Promise<number> {
  const stack = await stackOf(root, command.args[0]);
  const [declared, { client, rendered }] = await Promise.all([readDeclared(root, stack), access(stack)]);
  const found = await look(declared, client, rendered, { folder, signal });
  const differences = await differencesOf(found.nodes, folder);
  const paint: Paint = (state, text) => styleText(({ "as declared": "green", different: "yellow", unknown: "red" } as const)[state], text);
  if (options.json) {
    const nodes = found.nodes.map(({ config: _both, ...node }) => ({ ...node, difference: differences.get(node.hostname) }));
    process.stdout.write(`${JSON.stringify({ ...found, nodes }, null, 2)}\n`);
  } else process.stdout.write(report(found, differences, paint));
  return exitCodes[found.state];
}

// It holds an administrator's key: it goes however this ends.
const folder = mkdtempSync(join(tmpdir(), "status-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort(new Failure(`ended by ${signal}`)));

await telling(async () => {
  process.exitCode = await status(folder, stop.signal);
});
process.exit();
