import type { V1Pod, V1Taint, V1Toleration } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { podsToLeave } from "../../operations/lib/kubernetes/drain.ts";
import { takes } from "../../operations/lib/kubernetes/schedulable.ts";

const pod = (name: string, kind?: string, more: { mirror?: boolean; phase?: string } = {}): V1Pod => ({
  metadata: {
    name,
    annotations: more.mirror ? { "kubernetes.io/config.mirror": "x" } : {},
    ownerReferences: kind ? [{ apiVersion: "v1", kind, name: "owner", uid: "1", controller: true }] : [],
  },
  status: { phase: more.phase ?? "Running" },
});

test("a drain sees off what would start elsewhere, or nowhere, and leaves what the node itself puts right back", () => {
  const pods = [
    pod("web", "ReplicaSet"),
    pod("alone"),
    pod("cilium", "DaemonSet"),
    pod("kube-apiserver", "Node", { mirror: true }),
    pod("job", "Job", { phase: "Succeeded" }),
    pod("broken", undefined, { phase: "Failed" }),
  ];
  expect(podsToLeave(pods).map(({ metadata }) => metadata?.name)).toEqual(["web", "alone"]);
});

const control: V1Taint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
const storage: V1Taint = { key: "for", value: "storage", effect: "NoExecute" };
test.each<[boolean, string, V1Taint[], V1Toleration[]]>([
  [true, "no taint", [], []],
  [false, "a taint of a control plane node", [control], []],
  [true, "one that is only asked for", [{ ...control, effect: "PreferNoSchedule" }], []],
  [true, "one that goes with what ails the node", [{ key: "node.kubernetes.io/not-ready", effect: "NoExecute" }], []],
  [true, "tolerated by its key", [control], [{ key: control.key, operator: "Exists" }]],
  [true, "tolerated with all others", [control, storage], [{ operator: "Exists" }]],
  [true, "tolerated by its value", [storage], [{ key: "for", value: "storage", effect: "NoExecute" }]],
  [false, "tolerated in another value", [storage], [{ key: "for", operator: "Equal", value: "games" }]],
  [false, "tolerated in another effect", [storage], [{ key: "for", operator: "Exists", effect: "NoSchedule" }]],
  [false, "one of two tolerated", [control, storage], [{ key: control.key, operator: "Exists" }]],
])("a node takes a pod, or does not (%s): %s", (taken, _, taints, tolerations) => {
  expect(takes({ spec: { taints } }, { spec: { containers: [], tolerations } })).toBe(taken);
});
