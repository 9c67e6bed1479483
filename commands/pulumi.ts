import { execFile } from "node:child_process";
import { delimiter, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../cluster/user-error.ts";

/** One of the project's stacks, and the file that configures it. */
export interface Stack {
  readonly name: string;
  /** Relative to the project's folder. */
  readonly file: string;
}

/** The stack of that name, or the one that is selected. Where its file is, the environment may say: a lab's lies in the lab's folder. */
export async function stackOf(root: string, named: string | undefined): Promise<Stack> {
  const name = named ?? process.env.PULUMI_OPTION_STACK ?? (await pulumi(root, "stack", "--show-name")).trim();
  const file = process.env.PULUMI_OPTION_CONFIG_FILE;
  const isElsewhere = file !== undefined && name === (process.env.PULUMI_OPTION_STACK ?? name);
  return { name, file: isElsewhere ? relative(root, resolve(root, file)) : `Pulumi.${name}.yaml` };
}

/** The outputs of a stack's last up, by name: secrets too. They stay in memory. */
export async function outputsOf(root: string, { name }: Stack): Promise<Record<string, unknown>> {
  return JSON.parse(await pulumi(root, "stack", "output", "--json", "--show-secrets", "--stack", name)) as Record<string, unknown>;
}

/** A resource, as a stack's state has it. */
export interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Record<string, unknown>;
}

/** The resources in a stack's state, its secrets in the clear. They stay in memory. */
export async function resourcesOf(root: string, { name }: Stack): Promise<StoredResource[]> {
  const exported = await pulumi(root, "stack", "export", "--show-secrets", "--stack", name);
  const { deployment } = JSON.parse(exported) as { deployment: { resources?: StoredResource[] } };
  return revealed(deployment.resources ?? []) as StoredResource[];
}

/** How the state marks a secret. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A part of an exported state with each of its secrets as its plain value. */
export function revealed(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revealed);
  const record = value as Record<string, unknown>;
  if (record[signatureKey] === secretSignature) return revealed(JSON.parse(String(record.plaintext)));
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, revealed(inner)]));
}

async function pulumi(root: string, ...args: string[]): Promise<string> {
  try {
    const options = { cwd: root, env: { ...process.env, PATH: pathOf(root) }, maxBuffer: 2 ** 28 };
    const { stdout } = await promisify(execFile)("pulumi", [...args, "--non-interactive", "--color=never"], options);
    return stdout;
  } catch (error) {
    const { stderr, code } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") throw new UserError("Pulumi is not installed: npm ci brings it");
    throw new UserError(`pulumi ${args.slice(0, 2).join(" ")}: ${stderr?.trim() || (error as Error).message}`);
  }
}

/** The caller's own Pulumi first, a lab's for example: npm puts the project's in front of it, which is here the last resort. */
function pathOf(root: string): string {
  const own = join(root, "node_modules/.bin");
  const others = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== own);
  return [...others, own].join(delimiter);
}
