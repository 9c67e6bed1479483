import type { Asked } from "../../../operations/lib/etcd/ailments.ts";
import type { MemberStatus } from "../../../operations/lib/etcd/members.ts";

/** A member that is well, and follows the one of number 0. */
export const well = (i: number): Asked => ({
  member: { id: `a${i}`, hostname: `c${i}`, addresses: [`10.0.0.${i}`], learner: false },
  status: { value: { id: `a${i}`, leader: "a0", errors: "" } },
});

/** The same member, which says something else of itself. */
export const saying = (asked: Asked, status: Partial<MemberStatus>): Asked => ({
  ...asked,
  status: { value: { id: asked.member.id, leader: "a0", errors: "", ...status } },
});

/** All that may ail a member, by how that is said. */
export const ailing: Readonly<Record<string, (asked: Asked) => Asked>> = {
  "is a learner still": (asked) => ({ ...asked, member: { ...asked.member, learner: true } }),
  "was added to etcd and has never started": (asked) => ({ ...asked, member: { ...asked.member, hostname: "" } }),
  "does not answer: connection refused": (asked) => ({ ...asked, status: { problem: "connection refused" } }),
  "is not the member a1 that etcd knows there": (asked) => saying(asked, { id: "b" }),
  "knows no leader": (asked) => saying(asked, { leader: undefined }),
  "says: NOSPACE": (asked) => saying(asked, { errors: "NOSPACE" }),
};
