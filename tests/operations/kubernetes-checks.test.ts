import { describe, expect, test } from "vitest";
import { kubeletProblems, pathProblems } from "../../operations/lib/kubernetes/checks.ts";
import { podProblem } from "../../operations/lib/kubernetes/static-pods.ts";
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
  const component = (name: "kube-apiserver" | "kube-controller-manager") => ({ name, image: "k:v1.36.3", configVersion: "3" });
  const [server, manager] = [component("kube-apiserver"), component("kube-controller-manager")];
  const written = { files: "1111", secrets: "2" };
  const current = { "talos.dev/config-version": "3", "talos.dev/config-file-version": "1111", "talos.dev/secrets-version": "2" };
  const pod = (annotations: object, ready = "True", name = "kube-apiserver") =>
    ({
      metadata: { labels: { "k8s-app": name }, annotations },
      status: { conditions: [{ type: "Ready", status: ready, message: "not yet" }] },
    }) as never;
  const problem = (found: never) => podProblem([server], written, [found]);

  test("are to run by what Talos last made of them, and be ready", () => {
    expect(problem(pod(current))).toBeUndefined();
    expect(problem(pod(current, "False"))).toBe("kube-apiserver is not ready (not yet)");
    expect(podProblem([server], written, [])).toBe("kube-apiserver has no pod yet");
  });

  test.each(Object.keys(current))("are those of before while they carry an older %s", (mark) => {
    expect(problem(pod({ ...current, [mark]: "0" }))).toBe("kube-apiserver runs by an older config still");
    const { [mark as keyof typeof current]: _, ...rest } = current;
    expect(problem(pod(rest))).toBe("kube-apiserver runs by an older config still");
  });

  test("have files for the API server alone", () => {
    const { "talos.dev/config-file-version": _, ...marks } = current;
    expect(podProblem([manager], written, [pod(marks, "True", manager.name)])).toBeUndefined();
  });
});
