import type * as local from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSecrets } from "./cluster-secrets.ts";

/**
 * The shell line that runs one script of operations/. It holds no absolute path, which would differ from machine to machine and so run
 * the Command again, and names the project's own Node.
 */
export function operation(verb: string, ...words: string[]): string {
  return ["node_modules/.bin/node", `operations/${verb}.ts`, ...words].join(" ");
}

/** Inputs that all Commands share: what they printed before is no input, so that nothing changes by itself. */
export const commandDefaults = { addPreviousOutputInEnv: false } as const satisfies local.CommandArgs;

/** What every script that works on a cluster is told: which one, how it is let in, and that an engine started it, whose end is then its own. */
export function clusterEnvironment(clusterName: string, { clusterId, talosCa }: ClusterSecrets): Record<string, pulumi.Input<string>> {
  return { CLUSTER_NAME: clusterName, CLUSTER_ID: clusterId, TALOS_CA: talosCa, ENGINE: "pulumi" };
}
