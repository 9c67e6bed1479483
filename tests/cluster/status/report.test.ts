import { expect, test } from "vitest";
import { report } from "../../../cluster/status/report.ts";
import type { NodeSight } from "../../../cluster/status/sight.ts";
import { judge } from "../../../cluster/status/status.ts";

const declared = (hostname: string) => ({
  hostname,
  address: "10.1.0.1",
  role: "controlplane" as const,
  talosVersion: "v1.13.3",
  schematicId: "aaa",
  kubernetesVersion: "v1.36.3",
});
const known = <T>(value: T) => ({ value });
const fine = (hostname: string): NodeSight => ({
  machine: { is: "ours", names: known([hostname]) },
  talos: known({ version: "v1.13.3", schematic: "aaa" }),
  config: known({ declared: "a: 1\n", running: "a: 1\n" }),
  etcd: known({ state: "member" }),
  kubernetes: known({ cordoned: false, kubelet: "v1.36.3", images: {} }),
});
const plain = (_state: unknown, text: string) => text;

test("a cluster that is as declared is a table and a line", () => {
  const status = judge("demo", [{ declared: declared("c1"), seen: fine("c1") }], undefined);
  expect(report(status, new Map(), plain)).toBe(
    [
      "HOSTNAME  STATE        TALOS    KUBERNETES  CONFIG  ETCD     NODE",
      "c1        as declared  v1.13.3  v1.36.3     same    healthy  Ready",
      "",
      "demo is as declared.",
      "",
    ].join("\n"),
  );
});

test("what is not as declared is told below, with what to do, in lines of 80 at most; a difference as it is", () => {
  const long = `a-node-of-a-name-that-is-as-long-as-one-may-be-${"x".repeat(16)}`;
  const status = judge(
    "demo",
    [
      { declared: declared("c1"), seen: { ...fine("c1"), talos: known({ version: "v1.13.2", schematic: "bbb" }) } },
      { declared: declared(long), seen: { machine: { is: "unknown", why: "no answer within 5 s" } } },
    ],
    { members: [], nodes: ["old"] },
  );
  const text = report(status, new Map([["c1", "--- running\n+++ declared\n"]]), plain);
  expect(text.split("\n").slice(0, 3)).toEqual([
    expect.stringMatching(/^HOSTNAME +STATE +TALOS +KUBERNETES +CONFIG +ETCD +NODE$/),
    expect.stringMatching(/^c1 +different +v1\.13\.2\* +v1\.36\.3/),
    expect.stringMatching(/^a-node-of-a-name-[a-z-]*… +unknown +- +- +- +- +-$/),
  ]);
  expect(text).toContain("  Talos: v1.13.2 runs, v1.13.3 is declared\n    → npm run up;");
  expect(text).toContain("  --- running\n  +++ declared\n");
  expect(text).toContain(`\n${long} (10.1.0.1) is unknown:\n  machine: no answer within 5 s\n`);
  expect(text).toContain("demo itself is different:\n  Node: the cluster has a Node old that is not declared\n");
  expect(text).toMatch(/demo is unknown \(0 as declared, 1 different, 1 unknown\)\.\n$/);
  for (const line of text.split("\n")) if (!line.startsWith(long)) expect(line.length, line).toBeLessThanOrEqual(80);
});
