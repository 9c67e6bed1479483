import { describe, expect, test } from "vitest";
import { type Examined, type Found, isAsDeclared, nodeProblems } from "../../operations/lib/node/examination.ts";

const schematicId = "a".repeat(64);
const declared = { talos: "v1.13.3", kubernetes: "v1.36.3", allowDowngrade: false };
const images = (controlPlane: string, kubelet = controlPlane) => ({
  kubelet: `ghcr.io/siderolabs/kubelet:${kubelet}`,
  "kube-apiserver": `registry.k8s.io/kube-apiserver:${controlPlane}`,
});
const examined = (hostname: string, is: Found): Examined => ({
  node: { hostname, address: "10.0.0.1", role: "controlplane", schematicId },
  is,
});
const running = (version: string, kubernetes: Record<string, string>, schematic = schematicId): Found => ({
  found: "running",
  member: true,
  talos: { version, schematic },
  kubernetes,
});

describe("whether a node runs what is declared", () => {
  test.each([
    ["all of it", running("v1.13.3", images("v1.36.3")), true],
    ["another Talos", running("v1.13.2", images("v1.36.3")), false],
    ["another schematic", running("v1.13.3", images("v1.36.3"), "b".repeat(64)), false],
    ["another kubelet", running("v1.13.3", images("v1.36.3", "v1.35.4")), false],
    ["an image whose version cannot be told", running("v1.13.3", { kubelet: "registry.internal/kubelet@sha256:aa" }), true],
    ["nothing, in maintenance mode", { found: "maintenance" } as const, true],
    ["nobody knows", { found: "unknown", why: "silent" } as const, true],
  ])("%s", (_, is, expected) => {
    expect(isAsDeclared(examined("c1", is), declared)).toBe(expected);
  });
});

describe("whether there is a way to what is declared", () => {
  test("one step of each is one", () => {
    expect(nodeProblems([examined("c1", running("v1.12.6", images("v1.35.4")))], declared)).toEqual([]);
  });

  test("every problem of every node is said, once", () => {
    const nodes = [
      examined("c1", running("v1.11.3", images("v1.34.1"))),
      examined("c2", running("v1.13.3", images("v1.37.0", "v1.36.3"))),
      examined("w1", { found: "unknown", why: "silent" }),
    ];
    expect(nodeProblems(nodes, declared)).toEqual([
      expect.stringMatching(/^c1 .*first v1.12.x, then v1.13.3\.$/),
      expect.stringMatching(/^c1 .*first v1.35.x, then v1.36.3\.$/),
      expect.stringMatching(/^c2 .*Kubernetes cannot go back/),
    ]);
  });

  test("a kubelet that was away may follow in one step, and never goes back", () => {
    expect(nodeProblems([examined("w1", running("v1.13.3", { kubelet: images("v1.34.1").kubelet }))], declared)).toEqual([]);
    expect(nodeProblems([examined("w1", running("v1.13.3", { kubelet: images("v1.36.4").kubelet }))], declared)).toHaveLength(1);
  });
});
