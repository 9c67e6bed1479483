import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../operations/lib/etcd/cluster-state.ts";
import { type Answered, judgeEtcdState, type NodeState } from "../../operations/lib/etcd/state.ts";

const answered = (states: readonly NodeState[]): Answered[] =>
  states.map((state, i) => ({ node: { hostname: `c${i}`, address: `10.0.0.${i}` }, state, why: `is ${state}` }));

describe("is the cluster new?", () => {
  test.each<[NodeState[], string]>([
    [["waiting"], "bootstrap"],
    [["maintenance"], "wait"],
    [["waiting", "waiting", "waiting"], "bootstrap"],
    [["waiting", "maintenance", "maintenance"], "bootstrap"],
    [["maintenance", "waiting", "waiting"], "wait"],
    [["waiting", "unknown", "waiting"], "wait"],
    [["unknown", "member", "unknown"], "exists"],
    [["maintenance", "foreign", "member"], "exists"],
    [["waiting", "foreign", "unknown"], "foreign"],
  ])("%j → %s", (states, verdict) => {
    expect(decide(answered(states), "10.0.0.0").verdict).toBe(verdict);
  });

  const state = fc.constantFrom<NodeState>("maintenance", "waiting", "member", "foreign", "unknown");
  const states = fc.array(state, { minLength: 1, maxLength: 7 });

  test("unknown never leads to new", () => {
    fc.assert(
      fc.property(states, fc.nat(6), (others, at) => {
        const all = answered([...others.slice(0, at), "unknown", ...others.slice(at)]);
        for (const { node } of all) expect(decide(all, node.address).verdict).not.toBe("bootstrap");
      }),
    );
  });

  test("any member means that it exists, whoever asks", () => {
    fc.assert(
      fc.property(states, fc.nat(6), (others, at) => {
        const all = answered([...others.slice(0, at), "member", ...others.slice(at)]);
        for (const { node } of all) expect(decide(all, node.address).verdict).toBe("exists");
      }),
    );
  });

  test("new means: only maintenance and waiting, and the own node waits", () => {
    fc.assert(
      fc.property(states, (some) => {
        const all = answered(some);
        const isNew = some.every((one) => one === "maintenance" || one === "waiting") && some[0] === "waiting";
        expect(decide(all, "10.0.0.0").verdict === "bootstrap").toBe(isNew);
      }),
    );
  });

  test("a reason names every node that it rests on", () => {
    expect(decide(answered(["unknown", "waiting", "unknown"]), "10.0.0.1")).toEqual({
      verdict: "wait",
      why: "c0 (10.0.0.0): is unknown; c2 (10.0.0.2): is unknown",
    });
  });
});

describe("a node's etcd", () => {
  test("data means a member, whatever the service does", () => {
    for (const service of ["Preparing", "Running", "Failed", "Waiting"]) expect(judgeEtcdState(service, ["member"]).state).toBe("member");
  });

  test("without data it waits only in its preparation", () => {
    expect(judgeEtcdState("Preparing", []).state).toBe("waiting");
    for (const service of ["Initialized", "Waiting", "Starting", "Running", "Stopping", "Finished", "Failed", "Skipped"]) {
      expect(judgeEtcdState(service, []).state).toBe("unknown");
    }
  });
});
