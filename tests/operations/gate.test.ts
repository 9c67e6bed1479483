import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeAbsence } from "../../operations/lib/etcd/gate.ts";
import { ailing, saying, well } from "./support/asked.ts";

const etcd = (count: number) => Array.from({ length: count }, (_, i) => well(i));

describe("whether etcd can spare a member for a while", () => {
  test.each([1, 3, 4, 5, 7])("with %i members, all well, it can", (count) => {
    expect(judgeAbsence(etcd(count), false, [])).toEqual({ spared: "yes", members: count });
  });

  test("of two members none is spared, unless its owner says so", () => {
    const verdict = judgeAbsence(etcd(2), false, []);
    expect(verdict).toMatchObject({ spared: "refused", why: expect.stringContaining("allowQuorumLoss") });
    // A third one that is declared and has lost its place is found by who is left.
    for (const { member } of etcd(2))
      expect(verdict).toMatchObject({ why: expect.stringContaining(`${member.hostname} (${member.addresses[0]})`) });
    expect(judgeAbsence(etcd(2), true, [])).toEqual({ spared: "yes", members: 2 });
  });

  test.each(Object.entries(ailing))("not while one %s", (why, ail) => {
    const verdict = judgeAbsence([well(0), ail(well(1)), well(2)], false, []);
    expect(verdict).toMatchObject({ spared: "not yet", why: expect.stringContaining(why) });
  });

  test("not with an alarm or two leaders", () => {
    expect(judgeAbsence(etcd(3), false, ["NOSPACE at member a1"])).toMatchObject({ why: "alarm NOSPACE at member a1" });
    expect(judgeAbsence([well(0), saying(well(1), { leader: "a1" }), well(2)], false, [])).toMatchObject({
      why: "the members do not agree on who leads",
    });
  });

  test("whatever ails whomever, it is named, and nobody is spared", () => {
    const ailment = fc.option(fc.constantFrom(...Object.keys(ailing)), { nil: undefined });
    fc.assert(
      fc.property(fc.array(ailment, { minLength: 1, maxLength: 7 }), fc.boolean(), (ails, allowQuorumLoss) => {
        const members = ails.map((why, i) => (why ? (ailing[why]?.(well(i)) ?? well(i)) : well(i)));
        const verdict = judgeAbsence(members, allowQuorumLoss, []);
        const sick = members.filter((_, i) => ails[i]);
        if (sick.length === 0) expect(verdict.spared).toBe(members.length === 2 && !allowQuorumLoss ? "refused" : "yes");
        else expect(verdict.spared).toBe("not yet");
        for (const { member } of sick) expect(verdict).toMatchObject({ why: expect.stringContaining(`(${member.addresses[0]})`) });
      }),
    );
  });
});
