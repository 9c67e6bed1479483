import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Failure } from "./failure.ts";

/** This user's own folder for a cluster's lock and for its scripts' short-lived credentials. */
export function runtimeFolder(clusterId: string, env: NodeJS.ProcessEnv = process.env): string {
  const { uid } = userInfo();
  const given = env.XDG_RUNTIME_DIR;
  const base = given && existsSync(given) ? join(given, "phoebe") : join(tmpdir(), `phoebe-${uid}`);
  // The cluster's ID is no file name, and no business of whoever lists the folder.
  const folder = join(base, createHash("sha256").update(clusterId).digest("hex").slice(0, 16));
  for (const path of [base, folder]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    assertPrivate(path, uid);
  }
  return folder;
}

/** In a shared temporary folder anybody can be the first to make a folder of a known name. */
function assertPrivate(path: string, uid: number): void {
  const problem = whatIsWrong(path, uid);
  if (problem) throw new Failure(`${path} ${problem}: no credentials are put there. Remove it, then run this again.`);
}

function whatIsWrong(path: string, uid: number): string | undefined {
  const found = lstatSync(path);
  if (!found.isDirectory()) return "is not a folder";
  if (found.uid !== uid) return `belongs to user ${found.uid}, not to ${uid}`;
  if ((found.mode & 0o077) !== 0) return `is open to others (mode ${(found.mode & 0o777).toString(8)})`;
  return undefined;
}
