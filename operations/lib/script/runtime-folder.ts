import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { Failure, reasonOf } from "./failure.ts";

/**
 * Where all runs of a user meet, from a desktop, over ssh or from cron. What XDG_RUNTIME_DIR and TMPDIR name differs between these, and /run/user/<uid>
 * comes and goes with a session: two places would be two locks.
 */
const place = "/tmp";

/** This user's own folder for a cluster's lock and for its scripts' short-lived credentials. PHOEBE_RUNTIME_DIR names another place for all of these. */
export function runtimeFolder(clusterId: string, env: NodeJS.ProcessEnv = process.env): string {
  const { uid } = userInfo();
  const base = join(env.PHOEBE_RUNTIME_DIR || place, `phoebe-${uid}`);
  // The cluster's ID is no file name, and no business of whoever lists the folder.
  const folder = join(base, createHash("sha256").update(clusterId).digest("hex").slice(0, 16));
  for (const path of [base, folder]) {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new Failure(`There is no folder for the cluster's lock: ${reasonOf(error)}. PHOEBE_RUNTIME_DIR names another place for it.`);
    }
    assertPrivate(path, uid);
  }
  return folder;
}

/** The folders of all clusters, given that of one. */
export function clusterFolders(folder: string): string[] {
  const base = dirname(folder);
  const others = readdirSync(base).filter((name) => /^[0-9a-f]{16}$/.test(name));
  return [...new Set([folder, ...others.map((name) => join(base, name))])];
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
