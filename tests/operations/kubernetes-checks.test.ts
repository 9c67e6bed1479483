import { describe, expect, test } from "vitest";
import { kubeletProblems, pathProblems } from "../../operations/lib/kubernetes/checks.ts";
import { componentProblem } from "../../operations/lib/kubernetes/components.ts";
import { sayableLine } from "../../operations/lib/kubernetes/upgrade.ts";

describe("the checks", () => {
  const at = (version: string, talos = "v1.13.3") => [
    {
      node: { hostname: "c1", address: "127.207.12.1" },
      talos,
      unfinished: false,
      components: [{ name: "kube-apiserver" as const, image: `k:${version}`, configVersion: "1" }],
    },
  ];
  test("one minor at a time, never back, and on a Talos that supports it", () => {
    expect(pathProblems(at("v1.35.4"), "v1.36.3")).toEqual([]);
    expect(pathProblems(at("v1.36.3"), "v1.35.4")).toEqual([expect.stringContaining("Kubernetes cannot go back")]);
    expect(pathProblems(at("v1.35.4", "v1.12.4"), "v1.36.3")).toEqual([
      "c1 (127.207.12.1) runs Talos v1.12.4: Talos 1.12 supports Kubernetes 1.30 to 1.35",
    ]);
    expect(pathProblems(at("mine"), "v1.36.3")).toEqual([
      expect.stringContaining("Of k:mine on c1 (127.207.12.1) the version cannot be told"),
    ]);
  });

  test("no kubelet is left too far behind", () => {
    const node = (kubeletVersion: string) => ({ metadata: { name: "w1" }, status: { nodeInfo: { kubeletVersion } } }) as never;
    expect(kubeletProblems([node("v1.33.0")], "v1.36.3")).toEqual([]);
    expect(kubeletProblems([node("v1.32.9")], "v1.36.3")).toEqual([expect.stringContaining("w1 (v1.32.9); bring those nodes up first")]);
  });
});

test("of talosctl's words only its steps are passed on", () => {
  for (const line of ["+ x", "- x", " x: y", "  x", "@@ -1 +1 @@", "--- a", "+++ b", "\\ No newline", ""])
    expect(sayableLine(line)).toBeUndefined();
  for (const line of ["discovered x", ' > "c1": x', ' < "c1": x', "> x"]) expect(sayableLine(line)).toBe(line.trim());
  expect(sayableLine('error applying manifests: data: Invalid value: "s3cr3t"')).toBe("error applying manifests: data: Invalid value: …");
});

describe("the control plane's pods", () => {
  const component = { name: "kube-apiserver" as const, image: "k:v1.36.3", configVersion: "3" };
  const pod = (configVersion: string, ready: string) =>
    ({
      metadata: { labels: { "k8s-app": "kube-apiserver" }, annotations: { "talos.dev/config-version": configVersion } },
      status: { conditions: [{ type: "Ready", status: ready, message: "not yet" }] },
    }) as never;
  test("are to run by what Talos last made of them, and be ready", () => {
    expect(componentProblem([component], [pod("3", "True")])).toBeUndefined();
    expect(componentProblem([component], [pod("2", "True")])).toBe("kube-apiserver runs by an older config still");
    expect(componentProblem([component], [pod("3", "False")])).toBe("kube-apiserver is not ready (not yet)");
    expect(componentProblem([component], [])).toBe("kube-apiserver has no pod yet");
  });
});
