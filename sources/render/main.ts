/** `npm run render`: the machine configs of all nodes, for people, without credentials. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { DeclarationError } from "../../cluster/problems.ts";
import { DifferenceError, differenceFrom } from "./difference.ts";
import { type Rendering, render, stacksOf } from "./render.ts";
import { TalosctlError } from "./talosctl.ts";

const root = resolve(import.meta.dirname, "../..");

const command = new Command("npm run render --")
  .description("The machine configs of all nodes as the stack output machineConfigurations shows them, made without credentials.")
  .argument("[stacks...]", "the stacks; all that have a file, if none is named")
  .option("--out <folder>", "writes <folder>/<stack>/<hostname>.yaml instead of standard output")
  .option("--diff <commit>", "shows only how they differ from those of a commit, branch or tag")
  .parse();
const { out, diff } = command.opts<{ out?: string; diff?: string }>();

async function renderings(): Promise<Rendering[]> {
  const stacks = command.args.length > 0 ? command.args : [...stacksOf(root).keys()];
  const results = await Promise.allSettled(stacks.map((stack) => render(root, stack)));
  const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  if (failed.length > 0) throw new AggregateError(failed);
  return results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
}

async function write(folder: string): Promise<void> {
  for (const { path, text } of await renderings()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** What a person can mend, told without a stack trace, and each thing once. */
function messagesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return [...new Set(error.errors.flatMap(messagesOf))];
  if ([DeclarationError, TalosctlError, DifferenceError].some((known) => error instanceof known)) return [(error as Error).message];
  throw error;
}

try {
  if (diff !== undefined) {
    const difference = await differenceFrom(root, diff, command.args, write);
    process.stdout.write(difference || `No machine config differs from ${diff}.\n`);
  } else if (out !== undefined) {
    // npm changes to the project's folder; a relative path is meant from where the person is.
    await write(resolve(process.env.INIT_CWD ?? "", out));
  } else {
    for (const { path, text } of await renderings()) process.stdout.write(`# ${path}\n${text}\n`);
  }
} catch (error) {
  console.error(messagesOf(error).join("\n"));
  process.exitCode = 1;
}
