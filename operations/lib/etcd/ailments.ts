import type { Asking } from "../talosctl/asking.ts";
import type { Reply } from "../talosctl/reply.ts";
import { type Member, type MemberStatus, memberName, memberStatus, membershipOf } from "./members.ts";

/** A live member with its own answer. */
export interface Asked {
  readonly member: Member;
  readonly status: Reply<MemberStatus>;
}

/** Asks members, each for itself, but through a node that is reachable: there need be no way from here to where they find each other. */
export function askAll(asking: Asking, members: readonly Member[], through: string): Promise<Asked[]> {
  const asked = members.map(async (member) => ({ member, status: await memberStatus(asking, member.addresses[0], through) }));
  return Promise.all(asked);
}

/** What is wrong with members, each named. */
export function ailments(etcd: readonly Asked[]): string[] {
  const problems = etcd.flatMap((asked) => {
    const problem = memberAilment(asked);
    return problem ? `${memberName(asked.member)} ${problem}` : [];
  });
  const leaders = new Set(etcd.map(({ status }) => ("value" in status ? status.value.leader : undefined)));
  if (problems.length === 0 && leaders.size > 1) problems.push("the members do not agree on who leads");
  return problems;
}

/** What is wrong with a member, in words that follow its name; undefined where it is well. The one judgement of that. */
export function memberAilment({ member, status }: Asked): string | undefined {
  if (member.learner) return "is a learner still";
  if (member.hostname === "") return "was added to etcd and has never started";
  if ("value" in status && status.value.id !== member.id) return `is not the member ${member.id} that etcd knows there`;
  return statusAilment(status);
}

/** The part of it that a member says itself. */
export function statusAilment(status: Reply<MemberStatus>): string | undefined {
  if ("problem" in status) return `does not answer: ${status.problem}`;
  if (status.value.leader === undefined) return "knows no leader";
  return status.value.errors ? `says: ${status.value.errors}` : undefined;
}

/** What is wrong with a control plane node's own member, as it says itself; no answer where its etcd does not list the members. */
export async function ownAilment(asking: Asking, address: string): Promise<Reply<string | undefined>> {
  const membership = await membershipOf(asking, address);
  if ("problem" in membership) return membership;
  const { own, status } = membership.value;
  return { value: memberAilment({ member: own, status: { value: status } }) };
}
