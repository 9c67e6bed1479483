import { setTimeout as delay } from "node:timers/promises";
import type { Change } from "../../../cluster/config-changes.ts";
import { areQuiet, madeAnew } from "../../../cluster/live-changes.ts";
import { healthy, type Patient } from "../node/health.ts";
import { nameOf } from "../node/machine.ts";
import type { Operation } from "../script/operation.ts";
import { lookAt } from "../script/wait.ts";
import { apply } from "./apply.ts";
import type { DeclaredConfig } from "./declared-config.ts";
import { sightOf, tookIn } from "./uptake.ts";
import { worksBy } from "./works-by-config.ts";

/**
 * Milliseconds that Talos has to take in what shows nowhere: what it does for another network, clock or registry ends in the kernel and in files, by controllers
 * that do not say which config they have seen. A look at once would find the node well by the old one.
 */
const settling = 3_000;

/**
 * Applies a config that a node takes in while it runs, and waits until the node works by it: what breaks something breaks it on one node. Only where
 * nothing is started again for it there is nothing to wait for.
 */
export async function changeLive(operation: Operation, node: Patient, config: DeclaredConfig, changes: readonly Change[]): Promise<void> {
  const quiet = areQuiet(changes);
  if (quiet) await apply(operation, node, config, "no-reboot");
  else await applyAndSee(operation, node, config, changes);
  if (quiet && !node.member) return;

  await operation.wait(
    `${nameOf(node)} to be well with its new config`,
    () => (quiet ? healthy(operation, node) : worksBy(operation, node, config)),
    remedyFor(node),
  );
}

/** Applies a config by which programs may be started again, and waits until Talos has begun with that. */
async function applyAndSee(operation: Operation, node: Patient, config: DeclaredConfig, changes: readonly Change[]): Promise<void> {
  const anew = madeAnew(changes, node.role);
  const look = () => sightOf(operation, node.address, anew);
  const before = await operation.wait(nameOf(node), async () => lookAt(await look()));
  await apply(operation, node, config, "no-reboot");
  const since = performance.now();
  if (anew.others) await delay(settling, undefined, { signal: operation.signal });
  await operation.wait(
    `${nameOf(node)} to take its new config in`,
    async () => {
      const now = await look();
      return "problem" in now ? { pending: now.problem } : tookIn(before, now.value, anew, since);
    },
    remedyFor(node),
  );
}

function remedyFor({ address }: Patient): string {
  return (
    `It keeps the new config, and no further node was touched. See talosctl -n ${address} service, logs kubelet and logs controller-runtime; ` +
    "correct what is declared and run this again."
  );
}
