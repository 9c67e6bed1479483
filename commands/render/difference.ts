import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { extract } from "tar";
import { UserError } from "../../cluster/user-error.ts";
import { git, unifiedDifference } from "../git.ts";
import { stacksOf } from "./render.ts";

const run = promisify(execFile);

/**
 * How the renderings of this checkout differ from those of a commit, as a unified diff; empty where they do not.
 * The commit renders by its own code, so that a change of the program shows as well; `write` puts this checkout's into a folder.
 */
export async function differenceFrom(
  root: string,
  reference: string,
  stacks: readonly string[],
  write: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "render-"));
  try {
    const [checkout, base, head] = ["checkout", "base", "head"].map((name) => join(folder, name)) as [string, string, string];
    await Promise.all([checkout, base, head].map((path) => mkdir(path)));
    await checkOut(root, reference, checkout);
    const there = stacks.filter((stack) => stacksOf(checkout).has(stack));
    if (stacks.length === 0 || there.length > 0) await renderBy(checkout, reference, ["--out", base, ...there]);
    await write(head);
    return await unifiedDifference(folder, "base", "head");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function checkOut(root: string, reference: string, into: string): Promise<void> {
  const file = `${into}.tar`;
  try {
    await git(root, "archive", "--format=tar", `--output=${file}`, "--end-of-options", reference);
  } catch (error) {
    throw new UserError(`git has no commit ${reference} here: ${(error as { stderr: string }).stderr.trim()}`);
  }
  await extract({ file, cwd: into });
  // The packages are those of this checkout.
  await symlink(join(root, "node_modules"), join(into, "node_modules"));
}

async function renderBy(checkout: string, reference: string, args: readonly string[]): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { scripts: Record<string, string> };
  if (!scripts.render) throw new UserError(`${reference} is older than npm run render: there is nothing to compare with`);
  try {
    await run("npm", ["run", "--silent", "render", "--", ...args], { cwd: checkout });
  } catch (error) {
    throw new UserError(`${reference} does not render:\n${(error as { stderr?: string }).stderr?.trim() || String(error)}`);
  }
}
