import { setTimeout as delay } from "node:timers/promises";
import type { Change } from "../../cluster/config-changes.ts";
import { areQuiet } from "../../cluster/live-changes.ts";
import { apply } from "./apply.ts";
import type { DeclaredConfig } from "./declared-config.ts";
import { healthy, type Patient } from "./health.ts";
import { nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import { wellWith } from "./well.ts";

/** Milliseconds that Talos has to begin with starting programs again: a look before that would find the old ones, and well. */
const settling = 3_000;

/**
 * Applies a config that a node takes in while it runs, and waits until the node works by it: what breaks something breaks it on one node. Only where
 * nothing is started again for it there is nothing to wait for.
 */
export async function changeLive(operation: Operation, node: Patient, config: DeclaredConfig, changes: readonly Change[]): Promise<void> {
  await apply(operation, node, config, "no-reboot");
  const quiet = areQuiet(changes);
  if (quiet && !node.member) return;

  if (!quiet) await delay(settling, undefined, { signal: operation.signal });
  await operation.wait(
    `${nameOf(node)} to be well with its new config`,
    () => (quiet ? healthy(operation, node) : wellWith(operation, node, config)),
    `It keeps the new config, and no further node was touched. See talosctl -n ${node.address} service and logs kubelet; ` +
      "correct what is declared and run this again.",
  );
}
