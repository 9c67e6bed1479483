import { nameOf } from "../node/machine.ts";
import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { type Asked, ailments, askAll } from "./ailments.ts";
import { alarmsAt, memberName, memberStatus, membershipOf } from "./members.ts";
import { takeSnapshot } from "./snapshot.ts";

/** A node that may be taken away for a while, with what its owner allows. */
export interface Sparing extends Node {
  /** The folder for a snapshot, where the node's etcd has too few members to survive its loss. */
  readonly backupDir: string;
  readonly allowQuorumLoss: boolean;
}

/** Waits until etcd can do without a member for a while; returns how many members it has. */
export function awaitSpared(operation: Operation, node: Node & Pick<Sparing, "allowQuorumLoss">): Promise<number> {
  return operation.wait(
    `etcd to be able to spare ${nameOf(node)}`,
    async (): Promise<Look<number>> => {
      const [membership, alarms] = await Promise.all([membershipOf(operation, node.address), alarmsAt(operation, node.address)]);
      if ("problem" in membership) return { pending: membership.problem };
      if ("problem" in alarms) return { pending: alarms.problem };
      const { own, status, others } = membership.value;
      const etcd = [{ member: own, status: { value: status } }, ...(await askAll(operation, others, node.address))];
      const verdict = judgeAbsence(etcd, node.allowQuorumLoss, alarms.value);
      if (verdict.spared === "refused") throw new Failure(`${nameOf(node)} is left as it is: ${verdict.why}`);
      if (verdict.spared === "yes") return { done: verdict.members };
      return { pending: verdict.why, ...(alarms.value.length > 0 ? { remedy: `${untouched} ${alarmRemedy(node)}` } : {}) };
    },
    `${untouched} Repair etcd, then run this again.`,
  );
}

/** Waits until all of etcd is well, for what takes none of its members away; `node` is the member that is asked. */
export async function awaitWholeEtcd(operation: Operation, { hostname, address }: Node): Promise<void> {
  await awaitSpared(operation, { hostname, address, allowQuorumLoss: true });
}

const untouched = "It is left as it is, and so are the others.";

/** What a person can do about an alarm: under one etcd takes no writes, and a cordon is one. */
function alarmRemedy({ address }: Node): string {
  return (
    "For NOSPACE: talosctl etcd defrag on one control plane node after the other, then " +
    `talosctl -n ${address} etcd alarm disarm, and run this again; where that frees nothing, and for any other alarm, see docs/runbook.md, "An etcd alarm".`
  );
}

/** Makes etcd ready for a member's absence: all is well, what it could not survive the loss of is in a snapshot, and another member leads. */
export async function sparesNode(operation: Operation, node: Sparing): Promise<void> {
  const members = await awaitSpared(operation, node);
  if (members < 3) {
    const path = await takeSnapshot(operation, node.address, node.backupDir, `before-${node.hostname}-goes`);
    operation.say(`an etcd snapshot is in ${path}`);
  }
  if (members > 1) await forfeitLeadership(operation, node);
}

/** Has another member lead, so that no write waits for an election. */
async function forfeitLeadership(operation: Operation, node: Node): Promise<void> {
  await operation.wait(`another etcd member than ${nameOf(node)} to lead`, async (): Promise<Look<void>> => {
    const status = await memberStatus(operation, node.address);
    if ("problem" in status) return { pending: status.problem };
    const { id, leader } = status.value;
    if (leader === undefined) return { pending: "it knows no leader" };
    if (leader !== id) return { done: undefined };
    operation.fence();
    const asked = await operation.talosctl.node(node.address, ["etcd", "forfeit-leadership"], { changes: true });
    return { pending: asked.ok ? "it was asked to forfeit its leadership" : asked.problem };
  });
}

/** Whether etcd can do without one of its members for a while. */
export type Absence =
  | { readonly spared: "yes"; readonly members: number }
  | { readonly spared: "not yet"; readonly why: string }
  | { readonly spared: "refused"; readonly why: string };

/** Judges by etcd's live members, never by the declared list: every one has to be well, whatever the quorum would bear. */
export function judgeAbsence(etcd: readonly Asked[], allowQuorumLoss: boolean, alarms: readonly string[]): Absence {
  const problems = ailments(etcd);
  problems.push(...alarms.map((alarm) => `alarm ${alarm}`));
  if (problems.length > 0) return { spared: "not yet", why: problems.join("; ") };

  if (etcd.length !== 2 || allowQuorumLoss) return { spared: "yes", members: etcd.length };
  return {
    spared: "refused",
    why:
      `etcd has two members, ${etcd.map(({ member }) => memberName(member)).join(" and ")}, and stops while one of them is away. Declare a third ` +
      "control plane node; where one is declared, it is no member: mend it, or reset it and raise its generation. Or say that etcd may stop " +
      "meanwhile: npx pulumi config set allowQuorumLoss true.",
  };
}
