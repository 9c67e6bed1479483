import type { Asking } from "./asking.ts";
import type { Node } from "./environment.ts";
import { judgeRemoval, type Member, memberAnswers, memberName, membersOf } from "./etcd-members.ts";
import { etcdState } from "./etcd-state.ts";
import { Failure } from "./failure.ts";
import { isCalled, nameOf } from "./machine.ts";
import type { Operation } from "./operation.ts";
import { throughPeers } from "./peers.ts";
import type { Reply } from "./reply.ts";
import type { Look } from "./wait.ts";

/** etcd's members, with the node that named them. */
export interface Told {
  readonly by: Node;
  readonly members: readonly Member[];
}

/**
 * Removes the member of a machine that cannot leave etcd itself, because it is lost or came back empty, through a control plane node that
 * runs. Waits until etcd keeps its quorum without it. Says what came of it; undefined where etcd has no such member.
 */
export function removeMember(operation: Operation, node: Node, peers: readonly Node[]): Promise<string | undefined> {
  let removed = false;
  return operation.wait(
    `etcd to be rid of ${nameOf(node)}`,
    async (): Promise<Look<string | undefined>> => {
      const told = await membersBy(operation, peers);
      if (!told) return { done: undefined }; // no control plane node is left that has an etcd
      if ("problem" in told) return { pending: told.problem };
      const { by, members } = told.value;
      const member = memberOf(members, node);
      if (!member) return { done: removed ? "its etcd member was removed" : undefined };
      const why = await whyKept(operation, members, node);
      if (why) return { pending: why };
      operation.fence();
      operation.say(`removing etcd member ${memberName(member)} through ${nameOf(by)}`);
      const asked = await operation.talosctl.node(by.address, ["etcd", "remove-member", member.id], { changes: true });
      removed ||= asked.ok;
      // Whatever it said, etcd is asked again.
      return { pending: asked.ok ? "its member is being removed" : asked.problem };
    },
    "Repair etcd on the others first, then run this again.",
  );
}

/** Whether etcd has a member of that node, by a control plane node that runs; false where none is left that has an etcd. */
export async function isMemberElsewhere(asking: Asking, node: Node, peers: readonly Node[]): Promise<Reply<boolean>> {
  const told = await membersBy(asking, peers);
  if (!told) return { value: false };
  return "problem" in told ? told : { value: memberOf(told.value.members, node) !== undefined };
}

/** Why etcd would lose its quorum, or may, without the node; undefined where it keeps it. */
export async function whyKept(asking: Asking, members: readonly Member[], node: Node): Promise<string | undefined> {
  const answers = new Map<Member, boolean>();
  await Promise.all(members.map(async (member) => answers.set(member, await memberAnswers(asking, member))));
  const verdict = judgeRemoval(members, node, (member) => answers.get(member) === true);
  return verdict.removal === "refused" ? `etcd would lose its quorum: ${verdict.why}` : undefined;
}

/**
 * The one member that is a node's, by its name and its peer address. One that matches by one of the two alone may be another's: that is for
 * a person to say. A member that has never started has no name yet.
 */
export function memberOf(members: readonly Member[], node: Node): Member | undefined {
  const found = members.filter(({ hostname, address }) => address === node.address || isCalled([hostname], node.hostname));
  const [member, another] = found;
  if (!member) return undefined;
  if (!another && member.address === node.address && (member.hostname === "" || isCalled([member.hostname], node.hostname))) return member;
  throw new Failure(
    `Which etcd member is ${nameOf(node)}'s? By its name and address it could be ${found.map(memberName).join(" or ")}. ` +
      "Nothing was removed. Find out (talosctl etcd members), remove it by its ID (talosctl etcd remove-member), then run this again.",
  );
}

/**
 * etcd's members by the first control plane node that knows them. One whose etcd was never started has no say; where that goes for all, there is
 * no etcd: undefined.
 */
export function membersBy(asking: Asking, peers: readonly Node[]): Promise<Reply<Told> | undefined> {
  return throughPeers(asking, peers, async (by) => {
    const { state, why } = await etcdState(asking, by);
    if (state === "waiting") return undefined;
    if (state !== "member") return { problem: why };
    const members = await membersOf(asking, by.address);
    return "problem" in members ? members : { value: { by, members: members.value } };
  });
}
