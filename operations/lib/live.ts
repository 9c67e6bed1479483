import type { Change } from "../../cluster/config-changes.ts";
import { areQuiet } from "../../cluster/live-changes.ts";
import { apply } from "./apply.ts";
import type { DeclaredConfig } from "./declared-config.ts";
import type { Patient } from "./health.ts";
import { nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import type { Look } from "./wait.ts";
import { wellWith } from "./well.ts";

/** How long programs that a config starts again have to be well before that is believed: Talos needs a moment to begin. */
const settling = 3_000;

/**
 * Applies a config that a node takes in while it runs, and waits until the node works by it: what breaks something breaks it on one node. Only where
 * nothing is started again for it there is nothing to wait for.
 */
export async function changeLive(operation: Operation, node: Patient, config: DeclaredConfig, changes: readonly Change[]): Promise<void> {
  await apply(operation, node, config, "no-reboot");
  const quiet = areQuiet(changes);
  if (quiet && !node.member) return;

  let wellSince: number | undefined;
  await operation.wait(
    `${nameOf(node)} to be well with its new config`,
    async (): Promise<Look<void>> => {
      const look = await wellWith(operation, node, config);
      if ("pending" in look) wellSince = undefined;
      else wellSince ??= performance.now();
      if (quiet || wellSince === undefined || performance.now() - wellSince >= settling) return look;
      return { pending: "it settles" };
    },
    `It keeps the new config, and no further node was touched. See talosctl -n ${node.address} service and logs kubelet; ` +
      "correct what is declared and run this again.",
  );
}
