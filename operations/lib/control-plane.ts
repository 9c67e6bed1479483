import { kubernetesAt } from "./api.ts";
import { brokenEtcd } from "./broken-etcd.ts";
import type { Node } from "./environment.ts";
import { type Member, memberName, membersOf } from "./etcd-members.ts";
import { awaitSpared } from "./gate.ts";
import { nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import type { Look } from "./wait.ts";

/**
 * Waits until etcd is whole and the API server of every other member is ready, by etcd's live membership: what breaks one node in a change is then
 * never followed by the next. What is `quiet` starts no API server again, and none is asked for it. Where the node itself is what its last config
 * broke, it is enough that all beside it is well: it returns the members there.
 */
export async function othersAreWell(operation: Operation, node: Node, quiet: boolean): Promise<readonly Member[] | undefined> {
  const beside = await brokenEtcd(operation, node);
  if (!beside) await awaitSpared(operation, { ...node, backupDir: "", allowQuorumLoss: true }); // nothing goes away, so nothing is lost
  if (quiet) return beside;
  await operation.wait(
    `the API servers beside ${nameOf(node)}`,
    async (): Promise<Look<void>> => {
      const members = beside ? { value: beside } : await membersOf(operation, node.address);
      if ("problem" in members) return { pending: members.problem };
      const others = members.value.filter(({ address }) => address !== node.address);
      const problems = await Promise.all(
        others.map(async (other) => {
          const reply = await kubernetesAt(operation, other.address);
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
