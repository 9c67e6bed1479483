import { join } from "node:path";
import { Command } from "commander";
import { DeclarationError } from "../../cluster/problems.ts";
import { readStackFile } from "../stack-file.ts";
import { readWritten } from "../written.ts";
import { checkSecrets } from "./check.ts";
import { StoreUnreachable } from "./store.ts";

// `npm run secrets`: what is to be done about secrets without Pulumi.
const root = join(import.meta.dirname, "..", "..");
const program = new Command("secrets").description("Looks after the secrets that a stack keeps in 1Password.");

program
  .command("check")
  .description("says which references of a stack resolve, and whether its bundle is whole; changes nothing and shows no value")
  .argument("[stack]", "the stack whose Pulumi.<stack>.yaml is read", "phoebe")
  .action(async (stack: string) => {
    const { lines, whole } = await checkSecrets(readWritten(root, readStackFile(root, `Pulumi.${stack}.yaml`)));
    for (const line of lines) console.log(line);
    if (!whole) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof DeclarationError || error instanceof StoreUnreachable)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
