import type { Sparing } from "../etcd/gate.ts";
import type { ApiClient } from "../kubernetes/api.ts";
import type { Environment, Variable } from "../script/environment.ts";
import { clusterVariables } from "../script/operation.ts";

/** The variables of every script that takes a node away for a while. */
export const rollingVariables = [
  ...clusterVariables,
  "NODE_HOSTNAME",
  "NODE_ADDRESS",
  "NODE_ROLE",
  "ENDPOINT",
  "BACKUP_DIR",
  "DRAIN_TIMEOUT",
  "ALLOW_QUORUM_LOSS",
] as const satisfies Variable[];

/** A node that may be taken away for a while, and how. */
export interface RollingNode extends Sparing, ApiClient {
  /** Seconds until a drain gives up. */
  readonly drainTimeout: number;
}

/** The node that a script's variables name. */
export function rollingNode(env: Environment<(typeof rollingVariables)[number]>): RollingNode {
  return {
    hostname: env.NODE_HOSTNAME,
    address: env.NODE_ADDRESS,
    role: env.NODE_ROLE,
    endpoint: env.ENDPOINT,
    backupDir: env.BACKUP_DIR,
    drainTimeout: env.DRAIN_TIMEOUT,
    allowQuorumLoss: env.ALLOW_QUORUM_LOSS,
  };
}

/** What to do about a node that went and did not come back well. */
export function stopped({ hostname, address }: RollingNode): string {
  return (
    `No further node was touched. See its console, or talosctl -n ${address} dmesg and service. It stays cordoned until it is well: ` +
    `mend it and run this again, which carries on; if it is lost for good: npm run operation -- forget-node ${hostname} --lost ${hostname}.`
  );
}
