import type { V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { podsToLeave } from "../../operations/lib/drain.ts";

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
