/** `npm run operation`: one script of `operations/` by hand, told what the stack tells it. */
import { spawn } from "node:child_process";
import { Command } from "commander";
import { ended } from "./children.ts";
import { listed, operationFor, operationsIn, type StoredOperation } from "./operation/stored.ts";
import { root } from "./project.ts";
import { resourcesOf, stackOf } from "./pulumi.ts";
import { telling } from "./telling.ts";

await new Command("npm run operation --")
  .description(
    "Runs a script of operations/ by hand, with the environment that the stack's last up stored for it. Without a verb: which there are.",
  )
  .argument("[verb]", "the script, for example reconfigure")
  .argument("[hostname]", "the node, where the script is about one")
  .argument("[arguments...]", "what the script itself is told")
  .option("--stack <stack>", "the stack; the selected one, if none is named")
  .passThroughOptions()
  .addHelpText("after", "\nNODE_TIMEOUT in the environment says for how many seconds it waits for a node, whatever nodeTimeout declares.")
  .action(async (verb: string | undefined, second: string | undefined, rest: string[], { stack }: { stack?: string }) => {
    // Behind the verb options are the script's own, and a script about no node has them there at once.
    const [hostname, args] = second?.startsWith("-") ? [undefined, [second, ...rest]] : [second, rest];
    await telling(async () => {
      const operations = operationsIn(await resourcesOf(root, await stackOf(root, stack)));
      if (verb === undefined) console.log(listed(operations));
      else process.exitCode = await run(operationFor(operations, verb, hostname), args);
    });
  })
  .parseAsync();

/** Runs the script in the project's folder; returns what it ended with. Secrets go by the environment and standard input alone. */
function run({ verb, environment, stdin }: StoredOperation, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [`operations/${verb}.ts`, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: [stdin === undefined ? "inherit" : "pipe", "inherit", "inherit"],
  });
  child.stdin?.end(stdin);
  return ended(child);
}
