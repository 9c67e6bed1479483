import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { predecessors, rollout } from "../../cluster/order.ts";
import type { Node } from "../../cluster/schema.ts";

const arbitraryCluster = fc
  .record({
    roles: fc.array(fc.constantFrom<Node["role"]>("controlplane", "worker"), { maxLength: 12 }),
    workerLanes: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ roles, workerLanes }) => ({
    nodes: ["controlplane" as const, ...roles].map((role, index) => ({ hostname: `n${index}`, role }) as Node),
    workerLanes,
  }));

describe("the order of nodes", () => {
  test("has every node in it once", () => {
    fc.assert(
      fc.property(arbitraryCluster, (cluster) => {
        expect([...predecessors(rollout(cluster)).keys()].sort()).toEqual(cluster.nodes.map(({ hostname }) => hostname).sort());
      }),
    );
  });

  test("never has two control plane nodes side by side", () => {
    fc.assert(
      fc.property(arbitraryCluster, (cluster) => {
        const order = rollout(cluster);
        const before = predecessors(order);
        expect(order.controlPlane.map(({ hostname }) => before.get(hostname))).toEqual([undefined, ...order.controlPlane.slice(0, -1)]);
      }),
    );
  });

  test("has at most as many lanes as declared, of lengths that differ by one at most", () => {
    fc.assert(
      fc.property(arbitraryCluster, (cluster) => {
        const lengths = rollout(cluster).lanes.map((lane) => lane.length);
        expect(lengths.length).toBeLessThanOrEqual(cluster.workerLanes);
        if (lengths.length > 0) expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("starts every lane behind the last control plane node", () => {
    fc.assert(
      fc.property(arbitraryCluster, (cluster) => {
        const order = rollout(cluster);
        for (const [first] of order.lanes) expect(predecessors(order).get(first?.hostname ?? "")).toBe(order.controlPlane.at(-1));
      }),
    );
  });

  test("starts etcd on the first control plane node", () => {
    expect(
      rollout({
        nodes: [
          { hostname: "w", role: "worker" },
          { hostname: "c", role: "controlplane" },
        ] as Node[],
        workerLanes: 1,
      }).bootstrap.hostname,
    ).toBe("c");
  });
});
