import { wasLeftCordoned } from "../kubernetes/left-cordoned.ts";
import type { RollingNode } from "../node/rolling-node.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import type { Reply } from "../talosctl/reply.ts";
import { configsOf, type DryRun, dryRun } from "./apply.ts";
import type { DeclaredConfig } from "./declared-config.ts";

/** What a running node says when it is to be brought to a config. */
export interface Answers {
  /** What the config would change. */
  readonly changes: Reply<DryRun>;
  /** The configs that it has. */
  readonly configs: Awaited<ReturnType<typeof configsOf>>;
  /** Whether a killed run left it cordoned. */
  readonly cordon: Look<boolean>;
}

/** Asks a node all of that at once. */
export async function askAbout(operation: Operation, node: RollingNode, config: DeclaredConfig): Promise<Answers> {
  const asked = [dryRun(operation, node, config), configsOf(operation, node), wasLeftCordoned(operation, node)] as const;
  const [changes, configs, cordon] = await Promise.all(asked);
  return { changes, configs, cordon };
}
