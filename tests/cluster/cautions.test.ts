import { expect, test } from "vitest";
import { cautions } from "../../cluster/cautions.ts";
import type { Cluster } from "../../cluster/schema.ts";

const cluster = (controlPlane: number) =>
  ({ nodes: [...Array.from({ length: controlPlane }, () => ({ role: "controlplane" })), { role: "worker" }] }) as Pick<Cluster, "nodes">;

test.each([1, 3, 5])("%i control plane nodes are nothing to speak of", (count) => {
  expect(cautions(cluster(count))).toEqual([]);
});

test.each([2, 4])("%i control plane nodes are", (count) => {
  expect(cautions(cluster(count))).toEqual([{ path: "nodes", repair: expect.stringContaining(`have ${count - 1} or ${count + 1}.`) }]);
});
