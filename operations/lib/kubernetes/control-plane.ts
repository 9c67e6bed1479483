import { type Beside, brokenEtcd } from "../etcd/broken.ts";
import { awaitWholeEtcd } from "../etcd/gate.ts";
import { type Member, memberName, membershipOf } from "../etcd/members.ts";
import { nameOf } from "../node/machine.ts";
import { addressesOf } from "../node/running.ts";
import type { Node } from "../script/environment.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { firstOf, type Reply } from "../talosctl/reply.ts";
import { kubernetesAt } from "./api.ts";

/**
 * Waits until etcd is whole and the API server of every other member is ready, by etcd's live membership: what breaks one node in a change is then
 * never followed by the next. What is `quiet` starts no API server again, and none is asked for it. Where the node itself is what its last config
 * broke, it is enough that all beside it is well: it returns what is there.
 */
export async function othersAreWell(operation: Operation, node: Node, quiet: boolean): Promise<Beside | undefined> {
  const beside = await brokenEtcd(operation, node);
  if (!beside) await awaitWholeEtcd(operation, node);
  if (quiet) return beside;
  await operation.wait(
    `the API servers beside ${nameOf(node)}`,
    async (): Promise<Look<void>> => {
      const others = beside ? { value: beside.members } : await othersOf(operation, node.address);
      if ("problem" in others) return { pending: others.problem };
      const problems = await Promise.all(
        others.value.map(async (other) => {
          const reply = await apiServerOf(operation, other, node.address);
          return "problem" in reply ? `${memberName(other)}: ${reply.problem}` : undefined;
        }),
      );
      const found = problems.filter((problem) => problem !== undefined);
      return found.length > 0 ? { pending: found.join("; ") } : { done: undefined };
    },
    `${nameOf(node)} is left as it is. Repair those first, then run this again.`,
  );
  return beside;
}

async function othersOf(operation: Operation, address: string): Promise<Reply<readonly Member[]>> {
  const membership = await membershipOf(operation, address);
  return "problem" in membership ? membership : { value: membership.value.others };
}

/** The ready API server of a member, at whichever of its addresses is reachable from here; `through` tells them. */
async function apiServerOf(operation: Operation, { addresses: [peer] }: Member, through: string): Promise<Reply<unknown>> {
  const addresses = await addressesOf(operation, peer, through);
  if ("problem" in addresses) return addresses;
  return firstOf(addresses.value.map((address) => kubernetesAt(operation, address, through)));
}
