/** `npm run render`: the machine configs of all nodes, for people, without credentials. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { pathGiven, root } from "./project.ts";
import { differenceFrom } from "./render/difference.ts";
import { type Rendering, render, stacksOf } from "./render/render.ts";
import { telling } from "./telling.ts";

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

await telling(async () => {
  if (diff !== undefined) {
    const difference = await differenceFrom(root, diff, command.args, write);
    process.stdout.write(difference || `No machine config differs from ${diff}.\n`);
  } else if (out !== undefined) {
    await write(pathGiven(out));
  } else {
    for (const { path, text } of await renderings()) process.stdout.write(`# ${path}\n${text}\n`);
  }
});
