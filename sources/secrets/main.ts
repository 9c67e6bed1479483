import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Command } from "commander";
import { parseCluster } from "../../cluster/parse.ts";
import { DeclarationError } from "../../cluster/problems.ts";
import { type Bundle, parseBundle } from "../../cluster/secrets/bundle.ts";
import type { Template } from "../../cluster/secrets/template.ts";
import { parseYaml } from "../../cluster/yaml.ts";
import { PulumiError, stackOf } from "../pulumi.ts";
import { readStackFile } from "../stack-file.ts";
import { readWritten } from "../written.ts";
import { checkSecrets } from "./check.ts";
import { type NewTemplate, placeOf, writeItem, writeTemplate } from "./init.ts";
import { connect, reach } from "./onepassword.ts";
import { StoreUnreachable } from "./store.ts";

// `npm run secrets`: what is to be done about secrets without Pulumi.
const root = join(import.meta.dirname, "..", "..");
const program = new Command("npm run secrets --").description("Looks after the secrets that a stack keeps in 1Password.");
const stackArgument = ["[stack]", "the stack; the selected one, if none is named"] as const;

program
  .command("check")
  .description("says which references of a stack resolve, and whether its bundle is whole; changes nothing and shows no value")
  .argument(...stackArgument)
  .action(async (named: string | undefined) => {
    const { file } = await stackOf(root, named);
    const { lines, whole } = await checkSecrets(readWritten(root, readStackFile(root, file)));
    for (const line of lines) console.log(line);
    if (!whole) process.exitCode = 1;
  });

program
  .command("init")
  .description(
    "makes a new bundle and writes it into the vault and the item that the stack's template names; overwrites nothing, shows no value",
  )
  .argument(...stackArgument)
  .option("--vault <vault>", "the vault that a template refers to which is yet to be written")
  .option("--item <item>", "the item in it (default: <clusterName>-talos)")
  .action(async (named: string | undefined, { vault, item }: Partial<NewTemplate>) => {
    const { name: stack, file } = await stackOf(root, named);
    const configuration = readStackFile(root, file);
    const { clusterName, talosContract, secrets } = parseCluster(configuration);
    if (secrets.source !== "onepassword") throw new StoreUnreachable(`The stack ${stack} keeps no secrets in 1Password.`);
    const bundle = generateBundle(talosContract);
    const isNew = writeTemplate(root, secrets.template, bundle, { stack, vault, item: item ?? `${clusterName}-talos` });
    if (isNew) console.log(`${secrets.template} is written: commit it.`);
    const { template } = readWritten(root, configuration);
    const place = placeOf(template as Template, bundle);
    const account = { token: process.env.OP_SERVICE_ACCOUNT_TOKEN, account: secrets.account };
    const client = await connect(account);
    await reach(account, () => writeItem(place, client));
    console.log(`op://${place.vault}/${place.item} holds a new bundle. npm run secrets -- check ${stack} says whether it can be read.`);
  });

/** A bundle of Talos's own making. It is in no file at any time. */
function generateBundle(contract: string): Bundle {
  const { error, status, stdout } = spawnSync("talosctl", ["gen", "secrets", "--talos-version", contract, "-o", "-"], { encoding: "utf8" });
  const parsed = error || status !== 0 ? undefined : parseBundle(parseYaml("talosctl gen secrets", stdout));
  if (!parsed || "problems" in parsed)
    throw new StoreUnreachable("talosctl gen secrets made no bundle. Is talosctl in PATH, and new enough?");
  return parsed.bundle;
}

try {
  await program.parseAsync();
} catch (error) {
  if (![DeclarationError, StoreUnreachable, PulumiError].some((kind) => error instanceof kind)) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
