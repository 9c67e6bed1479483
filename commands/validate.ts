import { relative } from "node:path";
import { Command } from "commander";
import { cautions } from "../cluster/cautions.ts";
import { declareNodes } from "../cluster/declaration.ts";
import { declareManifests } from "../cluster/manifests.ts";
import { DeclarationError } from "../cluster/problems.ts";
import { weaknesses } from "../cluster/weaknesses.ts";
import { readStackFile, stackFiles } from "../sources/stack-file.ts";
import { readWritten } from "../sources/written.ts";
import { pathGiven, root } from "./project.ts";

// `npm run validate`: everything that can be known without Pulumi, without credentials and without network.
await new Command("validate")
  .description("Checks stack files with the patches, schematics and apps that they name. Asks nobody; changes nothing.")
  .argument("[files...]", "stack files; without any, all of the project")
  .action((files: string[]) => {
    const named = files.map((file) => relative(root, pathGiven(file)));
    const results = (named.length > 0 ? named : stackFiles(root)).map(validate);
    if (results.includes(false)) process.exitCode = 1;
  })
  .parseAsync();

/** Says what is wrong with a stack, or that nothing is. */
function validate(file: string): boolean {
  try {
    const written = readWritten(root, readStackFile(root, file));
    const { cluster, schematics, patches, apps } = written;
    const manifests = declareManifests(apps.manifests);
    const declared = { ...cluster, nodes: declareNodes(written), releases: apps.apps, manifests };
    for (const { path, repair } of cautions(declared)) console.log(`${file}: warning: ${path}: ${repair}.`);
    for (const schematic of new Set(schematics.values())) {
      for (const weakness of weaknesses(schematic.kernelArguments)) console.log(`${file}: warning: ${schematic.file}: ${weakness}`);
    }
    const count = [`${cluster.nodes.length} nodes`, `${patches.length} patches`, `${apps.apps.length} releases`].join(", ");
    console.log(`${file}: nothing is wrong (${count}).`);
    return true;
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    console.error(`${file}\n${error.message.replace(/^/gm, "  ")}\n`);
    return false;
  }
}
