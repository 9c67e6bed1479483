import { isSecureBootImage } from "../../../cluster/images.ts";
import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { lookAt } from "../script/wait.ts";
import { nameOf } from "./machine.ts";
import { runsSecureBoot } from "./running.ts";

/**
 * Refuses a machine with Talos on its disk that was installed without SecureBoot and is declared with it, or the other way round: Talos takes it by
 * a new installation only, and a firmware that demands it would not boot the other variant.
 */
export async function assertSameVariant(operation: Operation, node: Node, image: string, is: "configured" | "unconfigured"): Promise<void> {
  const what = `whether ${nameOf(node)} runs with SecureBoot`;
  const runs = await operation.wait(what, async () => lookAt(await runsSecureBoot(operation, node.address, is)));
  const declared = isSecureBootImage(image);
  if (runs === declared) return;
  throw new Failure(
    `${nameOf(node)} is left as it is: it was installed ${runs ? "with" : "without"} SecureBoot, and is declared with secureBoot: ${declared}. That cannot be ` +
      `changed by an upgrade. Declare secureBoot: ${runs}; or have the machine installed anew: with its disk wiped, from the installation medium that ` +
      "npx pulumi stack output nodes names.",
  );
}
