import { createHash } from "node:crypto";
import { chmodSync, createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";

/** Seconds for a snapshot on its way to or from a node: it may have gigabytes. */
export const snapshotTimeout = 1800;
/** Of bbolt's first page: its 16-byte header, then the magic number and the format's version, little-endian. */
const [magicAt, magic, format] = [16, 0xed0cdaed, 2] as const;
const digestSize = 32;

/**
 * Takes a snapshot of etcd through the member at an address, verifies it, and returns its path. It is the owner's alone (0600 in 0700), named
 * by cluster, time (UTC) and label, and holds every Secret of the cluster: it belongs in no repository.
 */
export async function takeSnapshot(operation: Operation, address: string, folder: string, label: string): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  sweep(folder, operation.env.CLUSTER_NAME);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const path = join(folder, `${operation.env.CLUSTER_NAME}-${time}-${label}.db`);
  const partial = `${path}.partial`;
  operation.fence();
  operation.say(`taking an etcd snapshot through ${address}`);
  const taken = await operation.talosctl.node(address, ["etcd", "snapshot", partial], { timeout: snapshotTimeout });
  const problem = taken.ok ? await snapshotProblem(partial) : taken.problem;
  if (problem) {
    rmSync(partial, { force: true });
    throw new Failure(
      `No etcd snapshot could be taken through ${address}: ${problem}. Nothing was changed. See talosctl -n ${address} etcd status.`,
    );
  }
  operation.say(/^snapshot info: .*$/m.exec(taken.stdout)?.[0] ?? "its digest is right");
  chmodSync(partial, 0o600);
  renameSync(partial, path);
  return path;
}

/** The newest snapshot of a cluster that lies in a folder. */
export function newestSnapshot(folder: string, cluster: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const name = readdirSync(folder)
    .filter((file) => file.startsWith(`${cluster}-`) && /^\d{8}T\d{6}Z-.*\.db$/.test(file.slice(cluster.length + 1)))
    .sort()
    .at(-1);
  return name && join(folder, name);
}

/** What is wrong with a snapshot, or undefined: it has to be a bbolt file, followed by the digest that etcd sent with it. */
export async function snapshotProblem(path: string): Promise<string | undefined> {
  const size = statSync(path).size - digestSize;
  if (size < magicAt + 8) return `it has ${size + digestSize} bytes only`;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { end: size - 1 })) hash.update(chunk);
  const file = await open(path);
  try {
    const head = Buffer.alloc(8);
    const digest = Buffer.alloc(digestSize);
    await file.read(head, 0, head.length, magicAt);
    await file.read(digest, 0, digestSize, size);
    if (head.readUInt32LE(0) !== magic || head.readUInt32LE(4) !== format) return "it is no etcd database";
    return digest.equals(hash.digest()) ? undefined : "its digest is not the one that etcd sent with it";
  } finally {
    await file.close();
  }
}

/** Removes what a killed run left half done; nobody else is at it, since the cluster's lock is held. */
function sweep(folder: string, cluster: string): void {
  for (const file of readdirSync(folder)) {
    if (file.startsWith(`${cluster}-`) && /\.db\.partial(\.part)?$/.test(file)) rmSync(join(folder, file), { force: true });
  }
}
