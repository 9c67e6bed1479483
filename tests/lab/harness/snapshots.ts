/** The etcd snapshots that a stack has kept, looked at without the stack's own code. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Snapshot {
  readonly name: string;
  /** Permissions, as in 0o600. */
  readonly mode: number;
  /** The SHA-256 of the whole file. */
  readonly hash: string;
  /** Whether it is what etcd wrote, all of it. */
  readonly whole: boolean;
}

const trailer = 32;
const pageMagic = 0xed0cdaed;

/** The snapshots of a folder, oldest name first; none where there is no folder yet. */
export function snapshotsIn(folder: string): Snapshot[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".db"))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const content = readFileSync(path);
      return { name, mode: statSync(path).mode & 0o777, hash: sha256(content).toString("hex"), whole: isWhole(content) };
    });
}

/** etcd sends a bbolt file and, behind it, the SHA-256 of that file. */
function isWhole(content: Buffer): boolean {
  if (content.length < 4096) return false;
  const file = content.subarray(0, -trailer);
  return content.readUInt32LE(16) === pageMagic && sha256(file).equals(content.subarray(-trailer));
}

function sha256(content: Buffer): Buffer {
  return createHash("sha256").update(content).digest();
}
