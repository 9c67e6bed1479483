import { throughPeers } from "../kubernetes/peers.ts";
import { sameAddress } from "../node/addresses.ts";
import { nameOf } from "../node/machine.ts";
import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import { GracePeriod } from "../script/grace-period.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import type { Asking } from "../talosctl/asking.ts";
import type { Reply } from "../talosctl/reply.ts";
import { askAll, memberAilment } from "./ailments.ts";
import { lifeOf } from "./member-life.ts";
import { bearsName, judgeRemoval, type Member, memberName, memberStatus, membersOf, type Removal } from "./members.ts";
import { etcdState } from "./state.ts";

/** etcd's members, with the node that named them. */
export interface Told {
  readonly by: Node;
  readonly members: readonly Member[];
}

/**
 * Removes the member of a machine that cannot leave etcd itself, because it is lost or came back empty, through a control plane node that
 * runs. Waits until nobody has answered under its ID for a while, and etcd keeps its quorum without it. Says what came of it; undefined where etcd has
 * no such member.
 */
export function removeMember(operation: Operation, node: Node, peers: readonly Node[]): Promise<string | undefined> {
  let removed = false;
  const silence = new GracePeriod(operation.gracePeriod);
  return operation.wait(
    `etcd to be rid of ${nameOf(node)}`,
    async (): Promise<Look<string | undefined>> => {
      const told = await membersBy(operation, peers);
      if (!told) return { done: undefined }; // no control plane node is left that has an etcd
      if ("problem" in told) {
        silence.begin();
        return { pending: told.problem };
      }
      const { by, members } = told.value;
      const found = etcdMemberOf(members, node);
      if ("problem" in found) throw new Failure(`${found.problem}, then run this again.`);
      const member = found.value;
      if (!member) return { done: removed ? "its etcd member was removed" : undefined };
      const [life, verdict] = await Promise.all([lifeOf(operation, member, by), judgeByMembers(operation, told.value, member)]);
      if (life.is === "alive") {
        throw new Failure(
          `etcd member ${memberName(member)} answers, so it is not ${nameOf(node)}'s, which is gone. Nothing was removed. Is another machine, at ` +
            `${life.at}, called ${node.hostname}? See talosctl -n ${by.address} etcd members.`,
        );
      }
      if (life.is === "unknown") {
        silence.begin();
        return { pending: life.why };
      }
      const left = silence.left();
      if (verdict.removal === "refused") return { pending: verdict.why };
      if (left > 0) return { pending: `nobody answers as its member; that is to stay so for ${Math.ceil(operation.gracePeriod)} s` };
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
  if ("problem" in told) return told;
  const found = etcdMemberOf(told.value.members, node);
  return "problem" in found ? found : { value: found.value !== undefined };
}

/** How a node that runs may leave etcd, as its members say; the node itself need not be a member. */
export async function removalOf(asking: Asking, told: Told, node: Node): Promise<Reply<Removal>> {
  const own = await ownMember(asking, told.members, node);
  return "problem" in own ? own : { value: await judgeByMembers(asking, told, own.value) };
}

/** Judges by which members are well, asked through the node that named them. */
async function judgeByMembers(asking: Asking, { by, members }: Told, own: Member | undefined): Promise<Removal> {
  const well = (await askAll(asking, members, by.address)).filter((asked) => memberAilment(asked) === undefined);
  return judgeRemoval(members, own, new Set(well.map(({ member }) => member)));
}

/** The member of a node that runs: by the ID that its own etcd says, or by what the others call it where that is ill. */
async function ownMember(asking: Asking, members: readonly Member[], node: Node): Promise<Reply<Member | undefined>> {
  const status = await memberStatus(asking, node.address);
  return "value" in status ? { value: members.find(({ id }) => id === status.value.id) } : etcdMemberOf(members, node);
}

/**
 * The one member that is a node's, as far as its name and its addresses tell. It may have joined by another address than the declared one, and one
 * that has never started has no name yet. Where another name is at the address, or several members match, it is for a person to say.
 */
export function etcdMemberOf(members: readonly Member[], node: Node): Reply<Member | undefined> {
  const found = members.filter(
    (member) => bearsName(member, node.hostname) || member.addresses.some((address) => sameAddress(address, node.address)),
  );
  const [member, another] = found;
  if (!member || (!another && (member.hostname === "" || bearsName(member, node.hostname)))) return { value: member };
  return {
    problem:
      `Which etcd member is ${nameOf(node)}'s? By its name and address it could be ${found.map(memberName).join(" or ")}. ` +
      "Nothing was changed. Find out (talosctl etcd members), and remove what is nobody's by its ID (talosctl etcd remove-member)",
  };
}

/**
 * etcd's members by the first of some nodes that knows them. One whose etcd was never started has no say; where that goes for all, there is
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
