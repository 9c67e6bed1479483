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
import { staticPodProblem } from "./static-pods.ts";

/**
 * Waits until etcd is whole and the API server of every other member is ready by the config that it has, by etcd's live membership: what breaks one
 * node in a change is then never followed by the next, even where a run was killed that gave the config. What is `quiet` starts no API server again, and none is asked for it. Where the node itself is what its last config
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
          const problem = await apiServerProblem(operation, other, node.address);
          return problem && `${memberName(other)}: ${problem}`;
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

/** Why the API server of a member is not well, at whichever of its addresses is reachable from here; `through` tells of the member. */
async function apiServerProblem(operation: Operation, { addresses: [peer] }: Member, through: string): Promise<string | undefined> {
  const addresses = await addressesOf(operation, peer, through);
  if ("problem" in addresses) return addresses.problem;
  const api = await firstOf(addresses.value.map((address) => kubernetesAt(operation, address, through)));
  if ("problem" in api) return api.problem;
  return staticPodProblem(operation, api.value, peer, { through, only: "kube-apiserver" });
}
