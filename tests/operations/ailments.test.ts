import { expect, test } from "vitest";
import { ailments, memberAilment, statusAilment } from "../../operations/lib/etcd/ailments.ts";
import { ailing, saying, well } from "./support/asked.ts";

test("a member that follows a leader and has nothing to complain of is well", () => {
  expect(memberAilment(well(1))).toBeUndefined();
  expect(ailments([well(0), well(1), well(2)])).toEqual([]);
});

test.each(Object.entries(ailing))("one %s is not, and is named", (why, ail) => {
  const asked = ail(well(1));
  expect(memberAilment(asked)).toBe(why);
  expect(ailments([well(0), asked])).toEqual([`${asked.member.hostname || "unnamed"} (10.0.0.1) ${why}`]);
});

test("of two ailments the one is said that explains the other", () => {
  const silent = { ...well(1), status: { problem: "connection refused" } };
  expect(memberAilment({ ...silent, member: { ...silent.member, learner: true } })).toBe("is a learner still");
  expect(memberAilment(saying(well(1), { id: "b", leader: undefined }))).toMatch(/^is not the member/);
});

test("a status alone says whether its member answers, follows a leader and complains", () => {
  expect(statusAilment(well(1).status)).toBeUndefined();
  expect(statusAilment({ problem: "off" })).toBe("does not answer: off");
  expect(statusAilment({ value: { id: "a1", leader: undefined, errors: "NOSPACE" } })).toBe("knows no leader");
  expect(statusAilment({ value: { id: "a1", leader: "a0", errors: "NOSPACE" } })).toBe("says: NOSPACE");
});

test("members that follow different leaders are not well together", () => {
  expect(ailments([well(0), saying(well(1), { leader: "a1" })])).toEqual(["the members do not agree on who leads"]);
});
