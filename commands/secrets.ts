import { Command } from "commander";
import { parseCluster } from "../cluster/parse.ts";
import { DeclarationError } from "../cluster/problems.ts";
import { type Bundle, parseBundle } from "../cluster/secrets/bundle.ts";
import type { Template } from "../cluster/secrets/template.ts";
import { parseYaml } from "../cluster/yaml.ts";
import { connect, reach } from "../sources/secrets/onepassword.ts";
import { readStackFile } from "../sources/stack-file.ts";
import { readWritten } from "../sources/written.ts";
import { root } from "./project.ts";
import { stackOf } from "./pulumi.ts";
import { checkSecrets } from "./secrets/check.ts";
import { itemOf, type NewTemplate, writeItem, writeTemplate } from "./secrets/init.ts";
import { makeUpSecrets } from "./talosctl.ts";
import { telling } from "./telling.ts";

// `npm run secrets`: what is to be done about secrets without Pulumi.
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
    if (secrets.source !== "onepassword")
      throw new DeclarationError(file, [
        { path: "secrets.source", value: secrets.source, repair: "a bundle for 1Password is made where this is onepassword" },
      ]);
    const bundle = await generateBundle(talosContract);
    const isNew = writeTemplate(root, secrets.template, bundle, { stack, vault, item: item ?? `${clusterName}-talos` });
    if (isNew) console.log(`${secrets.template} is written: commit it.`);
    const { template } = readWritten(root, configuration);
    const bundleItem = itemOf(template as Template, bundle);
    const account = { token: process.env.OP_SERVICE_ACCOUNT_TOKEN, account: secrets.account };
    const client = await connect(account);
    await reach(account, () => writeItem(bundleItem, client));
    console.log(
      `op://${bundleItem.vault}/${bundleItem.item} holds a new bundle. npm run secrets -- check ${stack} says whether it can be read.`,
    );
  });

/** A bundle of Talos's own making. It is in no file at any time. */
async function generateBundle(contract: string): Promise<Bundle> {
  const parsed = parseBundle(parseYaml("talosctl gen secrets", await makeUpSecrets(contract)));
  if ("problems" in parsed) throw new DeclarationError("talosctl gen secrets", parsed.problems);
  return parsed.bundle;
}

await telling(() => program.parseAsync());
