import type * as local from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster, Node } from "../cluster/schema.ts";
import type { ClusterSecrets } from "./cluster-secrets.ts";

/**
 * The shell line that runs one script of operations/. It holds no absolute path, which would differ from machine to machine and so run
 * the Command again, and names the project's own Node, which keeps what it compiled: that halves the time a script takes to start.
 */
export function operation(verb: string, ...words: string[]): string {
  return ["node_modules/.bin/node", "--import=./sources/compile-cache.mjs", `operations/${verb}.ts`, ...words].join(" ");
}

/** Inputs that all Commands share: what they printed before is no input, so that nothing changes by itself. */
export const commandDefaults = { addPreviousOutputInEnv: false } as const satisfies local.CommandArgs;

type Environment = Record<string, pulumi.Input<string>>;

/** The cluster that a script works on. */
export interface ClusterArgs extends Pick<Cluster, "clusterName" | "nodeTimeout"> {
  secrets: ClusterSecrets;
}

/**
 * What every script that works on a cluster is told: which one, how it is let in, how long it waits, and that an engine started it, whose end is then its
 * own. A Command's environment goes over the engine's, in which NODE_TIMEOUT may be set for one run: so the declared one has another name.
 */
export function clusterEnvironment({ clusterName, nodeTimeout, secrets: { clusterId, talosCa } }: ClusterArgs): Environment {
  return {
    CLUSTER_NAME: clusterName,
    CLUSTER_ID: clusterId,
    TALOS_CA: talosCa,
    DECLARED_NODE_TIMEOUT: String(nodeTimeout),
    ENGINE: "pulumi",
  };
}

/** Nodes as scripts are told of them. Written in another order they are the same, and no script runs for that. */
export function byHostname<T extends Pick<Node, "hostname">>(nodes: readonly T[]): T[] {
  return nodes.toSorted((one, other) => (one.hostname < other.hostname ? -1 : 1));
}

/** What a script is told that may ask any control plane node. */
export function controlPlaneEnvironment(nodes: readonly Pick<Node, "hostname" | "address">[]): Environment {
  return { CONTROL_PLANE: JSON.stringify(byHostname(nodes).map(({ hostname, address }) => ({ hostname, address }))) };
}

/** How a node is brought to what is declared for it, and how its cluster spares it meanwhile. */
export interface Rolling
  extends ClusterArgs,
    Pick<Cluster, "endpoint" | "backupDir" | "drainTimeout" | "allowQuorumLoss" | "talosVersion" | "allowDowngrade"> {
  /** The schematic of the installer image, as Image Factory confirmed it: nothing touches the node before. */
  schematicId: pulumi.Input<string>;
}

/** A node that may be taken away and brought back. */
export type RolledNode = Pick<Node, "hostname" | "address" | "role"> & { installerImage: string };

/** What a script is told that takes one node away and brings it back. Peers are not in it: it asks the node for them, so that only its own change runs it. */
export function rollingEnvironment(rolling: Rolling, node: RolledNode): Environment {
  return {
    ...clusterEnvironment(rolling),
    NODE_HOSTNAME: node.hostname,
    NODE_ADDRESS: node.address,
    NODE_ROLE: node.role,
    ENDPOINT: rolling.endpoint,
    BACKUP_DIR: rolling.backupDir,
    DRAIN_TIMEOUT: String(rolling.drainTimeout),
    ALLOW_QUORUM_LOSS: String(rolling.allowQuorumLoss),
    TALOS_VERSION: rolling.talosVersion,
    SCHEMATIC_ID: rolling.schematicId,
    INSTALLER_IMAGE: node.installerImage,
    ALLOW_DOWNGRADE: String(rolling.allowDowngrade),
  };
}
