import { isNewerMinor, isOlder, minorOf } from "../../../cluster/versions.ts";
import { reasonOf } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { readClientVersion } from "./output.ts";

/** The first that can be told to leave a node's pods alone: `upgrade --drain=false`. All else that the scripts ask of it is older. */
const oldest = "v1.13.0";

/**
 * Why the talosctl on PATH cannot make an upgrade, or undefined. To be asked before anything is done to a node, and only where something is to be
 * done: it costs a process.
 * @param talos the versions that the nodes run when Kubernetes is upgraded, if it is: upgrade-k8s refuses a Talos of a newer minor than its own
 */
export async function talosctlProblem({ talosctl }: Operation, talos: readonly string[] = []): Promise<string | undefined> {
  const answer = await talosctl.itself(["version", "--client"]);
  if (!answer.ok) return `talosctl does not say which version it is: ${answer.problem}`;
  try {
    return problemOf(readClientVersion(answer.stdout), talos);
  } catch (error) {
    return reasonOf(error);
  }
}

/** Why a talosctl of that version cannot do it. */
export function problemOf(own: string, talos: readonly string[]): string | undefined {
  const needed = talos.map(minorOf).reduce((newest, one) => (isNewerMinor(one, newest) ? one : newest), minorOf(oldest));
  if (!isOlder(own, oldest) && !isNewerMinor(needed, own)) return undefined;
  return (
    `talosctl on PATH is ${own}, and this takes ${needed.slice(1)} or newer: ` +
    "install that from github.com/siderolabs/talos/releases, then run this again"
  );
}
