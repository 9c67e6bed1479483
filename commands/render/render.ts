import { randomBytes } from "node:crypto";
import { parse } from "yaml";
import { declareNodes } from "../../cluster/declaration.ts";
import { DeclarationError } from "../../cluster/problems.ts";
import { readerOf, secretsIn } from "../../cluster/redaction.ts";
import { fill, referencesIn, type Values } from "../../cluster/secrets/references.ts";
import { UserError } from "../../cluster/user-error.ts";
import { readStackFile, stackFiles } from "../../sources/stack-file.ts";
import { readWritten, type Written } from "../../sources/written.ts";
import { generateConfig, makeUpSecrets } from "../talosctl.ts";

/** A machine config for people: where its file goes, `<stack>/<hostname>.yaml`, and its text. */
export interface Rendering {
  path: string;
  text: string;
}

/** The project's stack files, by the stack. */
export function stacksOf(root: string): Map<string, string> {
  return new Map(stackFiles(root).map((file) => [file.replace(/^Pulumi\.|\.ya?ml$/g, ""), file]));
}

/** The machine configs of the nodes of one of the project's stacks. */
export async function render(root: string, stack: string): Promise<Rendering[]> {
  const stacks = stacksOf(root);
  const file = stacks.get(stack);
  if (!file) throw new DeclarationError("render", [{ path: stack, repair: `is no stack; there are ${[...stacks.keys()].join(", ")}` }]);
  const renderings = await renderNodes(readWritten(root, readStackFile(root, file)));
  return [...renderings].map(([hostname, text]) => ({ path: `${stack}/${hostname}.yaml`, text }));
}

/**
 * The machine config of each node as the stack's output `machineConfigurations` shows it, by hostname, made without the cluster's secrets: with
 * made-up ones, which go through the same redaction. Needs talosctl, and neither Pulumi nor credentials nor a network.
 */
export async function renderNodes(written: Omit<Written, "apps" | "template">): Promise<Map<string, string>> {
  const { cluster } = written;
  const values = madeUp(written.patches);
  const patches = written.patches.map((file) => ({ ...file, text: fill(file.text, values) }));
  const nodes = declareNodes({ ...written, patches });
  const secrets = await makeUpSecrets(cluster.talosContract);
  const readable = readerOf([...secretsIn(parse(secrets)), ...values.values()]);
  const made = await Promise.allSettled(nodes.map((node) => generateConfig({ ...cluster, ...node }, secrets)));
  const problems = made.flatMap((result, index) =>
    result.status === "rejected" ? [`${cluster.clusterName}, ${nodes[index]?.hostname}: ${(result.reason as Error).message}`] : [],
  );
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  const texts = made.map((result) => (result.status === "fulfilled" ? readable(result.value) : ""));
  return new Map(nodes.map(({ hostname }, index) => [hostname, texts[index] as string]));
}

/** A value for each reference in patches. It might be a WireGuard key, which has this form. */
function madeUp(patches: Written["patches"]): Values {
  const references = patches.flatMap(({ path, text }) => referencesIn(path, text));
  return new Map(references.map(({ reference }) => [reference, randomBytes(32).toString("base64")]));
}
