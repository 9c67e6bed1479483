import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { etcdMemberOf } from "../../operations/lib/etcd/leave.ts";
import { judgeRemoval, type Member } from "../../operations/lib/etcd/members.ts";
import { sameAddress } from "../../operations/lib/node/addresses.ts";

const voters = (count: number): Member[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${i}`, hostname: `c${i}`, addresses: [`10.0.0.${i}`], learner: false }));
/** The own member of who leaves. */
const [c0] = voters(1);
/** Those that are well: all but some. */
const without = (members: Member[], ...names: string[]) => new Set(members.filter(({ hostname }) => !names.includes(hostname)));

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
    const members = voters(count);
    expect(judgeRemoval(members, c0, without(members, ...names)).removal).toBe(removal);
  });

  test("a refusal counts and names", () => {
    const members = voters(3);
    expect(judgeRemoval(members, c0, without(members, "c2"))).toEqual({
      removal: "refused",
      why: "etcd would lose its quorum: of the 2 other members 2 have to be healthy, and these are not: c2 (10.0.0.2)",
    });
  });

  test("who has no vote costs none: a learner, or no member at all", () => {
    const learner = { id: "9", hostname: "c9", addresses: ["10.0.0.9"] as [string], learner: true };
    const members = voters(2);
    expect(judgeRemoval([...members, learner], learner, without(members, "c0")).removal).toBe("graceful");
    expect(judgeRemoval(members, learner, without(members, "c0")).removal).toBe("graceful");
  });

  test("learners do not stand in for members", () => {
    const learner = { id: "9", hostname: "", addresses: ["10.0.0.9"] as [string], learner: true };
    expect(judgeRemoval([...voters(1), learner], c0, new Set([learner])).removal).toBe("last");
    const members = [...voters(3), learner];
    expect(judgeRemoval(members, c0, without(members, "c1")).removal).toBe("refused");
  });

  test("what remains always has a healthy majority, unless nothing does", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), (healthy) => {
        const members = voters(healthy.length);
        const { removal } = judgeRemoval(members, c0, new Set(members.filter((_, i) => healthy[i])));
        const others = healthy.slice(1);
        const majority = others.filter(Boolean).length > others.length / 2;
        expect(removal).toBe(others.length === 0 ? "last" : majority ? "graceful" : "refused");
      }),
    );
  });
});

describe("which member a node is that cannot say so itself", () => {
  const member = (id: string, hostname: string, ...addresses: [string, ...string[]]): Member => ({
    id,
    hostname,
    addresses,
    learner: false,
  });
  const c2 = { hostname: "c2", address: "10.60.0.2" };
  const [first, second] = [member("1", "c1", "10.5.0.1"), member("2", "c2", "10.5.0.2")];

  test("is told by its name, whatever address it joined by; by its address while it has no name", () => {
    expect(etcdMemberOf([first, second], c2)).toEqual({ value: second });
    expect(etcdMemberOf([first, second], { ...c2, hostname: "C2.example.org" })).toEqual({ value: second });
    expect(etcdMemberOf([first], c2)).toEqual({ value: undefined });
    const nameless = member("3", "", "fd00::5", "10.60.0.2");
    expect(etcdMemberOf([first, nameless], c2)).toEqual({ value: nameless });
    expect(etcdMemberOf([first, nameless], { ...c2, address: "fd00:0:0:0:0:0:0:5" })).toEqual({ value: nameless });
  });

  test.each([
    ["two have its name", [second, member("3", "c2", "10.60.0.2")]],
    ["one has its name and another its address", [second, member("3", "", "10.60.0.2")]],
    ["the one at its address has another name", [first, member("3", "c9", "10.60.0.2")]],
  ])("is for a person to say where %s", (_, members) => {
    expect(etcdMemberOf(members, c2)).toMatchObject({
      problem: expect.stringMatching(/Which etcd member is c2 \(10\.60\.0\.2\)'s\? .*Nothing was changed/),
    });
  });
});

test("addresses are the same however they are written, and no name is one", () => {
  expect(sameAddress("10.0.0.1", "10.0.0.1")).toBe(true);
  expect(sameAddress("FD00::1", "fd00:0:0::0:1")).toBe(true);
  expect(sameAddress("10.0.0.1", "10.0.0.10")).toBe(false);
  expect(sameAddress("10.0.0.1", "fd00::1")).toBe(false);
  expect(sameAddress("", "")).toBe(false);
  expect(sameAddress("c1", "c1")).toBe(false);
});
