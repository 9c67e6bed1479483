import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeRemoval, type Member } from "../../operations/lib/etcd-members.ts";

const voters = (count: number): Member[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${i}`, hostname: `c${i}`, address: `10.0.0.${i}`, learner: false }));
const c0 = { hostname: "c0", address: "10.0.0.0" };
const silent =
  (...names: string[]) =>
  (member: Member) =>
    !names.includes(member.hostname);

describe("how a control plane node leaves etcd", () => {
  test.each([
    [1, [], "last"],
    [2, [], "graceful"],
    [2, ["c1"], "refused"],
    [3, [], "graceful"],
    [3, ["c0"], "graceful"],
    [3, ["c1"], "refused"],
    [4, ["c1"], "graceful"],
    [5, ["c1"], "graceful"],
    [5, ["c1", "c2"], "refused"],
  ] as const)("of %i with %j silent: %s", (count, names, removal) => {
    expect(judgeRemoval(voters(count), c0, silent(...names)).removal).toBe(removal);
  });

  test("a refusal counts and names", () => {
    expect(judgeRemoval(voters(3), c0, silent("c2"))).toEqual({
      removal: "refused",
      why: "of the 2 other members 2 have to be healthy, and these are not: c2 (10.0.0.2)",
    });
  });

  test("who has no vote costs none: a learner, or no member at all", () => {
    const learner = { id: "9", hostname: "c9", address: "10.0.0.9", learner: true };
    expect(judgeRemoval([...voters(2), learner], learner, silent("c0")).removal).toBe("graceful");
    expect(judgeRemoval(voters(2), learner, silent("c0")).removal).toBe("graceful");
  });

  test("learners do not stand in for members", () => {
    const learner = { id: "9", hostname: "", address: "10.0.0.9", learner: true };
    expect(judgeRemoval([...voters(1), learner], c0, () => true).removal).toBe("last");
    expect(judgeRemoval([...voters(3), learner], c0, silent("c1")).removal).toBe("refused");
  });

  test("what remains always has a healthy majority, unless nothing does", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), (healthy) => {
        const members = voters(healthy.length);
        const { removal } = judgeRemoval(members, c0, (member) => healthy[members.indexOf(member)] === true);
        const others = healthy.slice(1);
        const majority = others.filter(Boolean).length > others.length / 2;
        expect(removal).toBe(others.length === 0 ? "last" : majority ? "graceful" : "refused");
      }),
    );
  });
});
