import { existsSync } from "node:fs";
import { exits, Failure } from "../script/failure.ts";
import type { Options } from "../script/script.ts";
import { newestSnapshot, snapshotProblem } from "./snapshot.ts";

/** What a new cluster's etcd begins with. */
export interface Beginning {
  /** Whether a person says so. */
  readonly said: boolean;
  /** The path of the snapshot whose content it has; without one it begins empty. */
  readonly snapshot?: string;
}

/** The options in which a person says it. */
export const beginningOptions = [
  { flags: "--recover-from <snapshot>", description: "your word that the cluster is to begin with what this etcd snapshot holds" },
  { flags: "--empty", description: "your word that it is to begin with nothing, whatever snapshots there are" },
] as const;

/** Reads the options. A snapshot is whole, or this is a Failure: Talos would find out with its etcd folder filled, and could then only be reset. */
export async function beginningOf({ recoverFrom, empty }: Options): Promise<Beginning> {
  if (typeof recoverFrom !== "string") return { said: empty === true };
  if (empty) throw new Failure("--recover-from and --empty exclude each other.", exits.badInput);
  const problem = existsSync(recoverFrom) ? await snapshotProblem(recoverFrom) : "there is no such file";
  if (problem) throw new Failure(`The snapshot ${recoverFrom} cannot be recovered from: ${problem}. Nothing was changed.`, exits.badInput);
  return { said: true, snapshot: recoverFrom };
}

/** A cluster that is about to be started. */
export interface Starting {
  readonly cluster: string;
  /** The node that etcd is to be started on. */
  readonly hostname: string;
  readonly backupDir: string;
  /** Whether the stack has started it once before. */
  readonly again: boolean;
}

/**
 * Refuses to start a cluster empty where another was, and nobody has said that this is meant: where the stack started it once, it is lost; where there
 * is a snapshot of a cluster of that name, it may be. What is only new has neither.
 */
export function refuseUnsaid({ cluster, hostname, backupDir, again }: Starting): void {
  const newest = newestSnapshot(backupDir, cluster);
  if (!again && !newest) return;
  const why = again ? "it ran before, and no control plane node has its data any more" : "there are snapshots of a cluster of that name";
  const where = newest ? `The newest snapshot is ${newest}` : `No snapshot of it is in ${backupDir} on this machine`;
  const say = `npm run operation -- bootstrap ${hostname}`;
  throw new Failure(
    `Cluster ${cluster} is not started: ${why}. ${where}; it serves a cluster that has the secrets of its time. Say what etcd is to begin with:\n` +
      `  ${say} --recover-from ${newest ?? "<snapshot>"}\n` +
      `  ${say} --empty\n` +
      `and then: ${afterwards}`,
  );
}

/** What a person does once a cluster was started by hand. A worker that ran on would believe in what its kubelet saw of the old one. */
export const afterwards = "reboot the workers that run (talosctl reboot), then npm run up -- --refresh";

/** A person's word is not passed over: nothing is restored, or emptied, where a cluster is. */
export function refuseExisting(cluster: string, why: string): never {
  throw new Failure(
    `Cluster ${cluster} exists (${why}): nothing was started. Where this is what an earlier try began: npm run up -- --refresh. To start it anew, ` +
      "no declared control plane node may have etcd data: docs/runbook.md#a-lost-cluster.",
  );
}
