import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs git in a folder; its standard output. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", args, { cwd, maxBuffer: 2 ** 26 });
  return stdout;
}

/** How two files or folders in a folder differ, as a unified diff without colours; empty where they do not. */
export async function unifiedDifference(folder: string, from: string, to: string): Promise<string> {
  const plainly = ["--no-index", "--no-color", "--no-ext-diff", "--src-prefix=", "--dst-prefix=", "--unified=5"];
  try {
    return await git(folder, "diff", ...plainly, from, to);
  } catch (error) {
    // With 1, git says that there are differences.
    const { code, stdout } = error as { code?: number; stdout: string };
    if (code === 1) return stdout;
    throw error;
  }
}
