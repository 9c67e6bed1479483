import { expect, test } from "vitest";
import { kubernetesImages } from "../../operations/lib/kubernetes/running-kubernetes.ts";
import type { Asking } from "../../operations/lib/talosctl/asking.ts";
import { controlPlane } from "./support/rolling.ts";
import { type Answer, prints } from "./support/world.ts";

/** Asks a node that answers so. */
const images = (role: "controlplane" | "worker", member: boolean, answers: Record<string, Answer>) => {
  const node: Asking["talosctl"]["node"] = async (_, args) => {
    const { stdout = "", stderr = "", code = 0 } = answers[args.slice(0, 2).join(" ")] ?? { code: 1 };
    return { ok: code === 0, stdout, stderr, problem: code === 0 ? "" : "refused" };
  };
  return kubernetesImages({ talosctl: { node } } as Asking, { address: "10.0.0.1", role, member });
};
const all = controlPlane({ hostname: "c1", kubernetes: "v1.36.3" });
const places = ["get kubeletspecs", "get apiserverconfigs", "get controllermanagerconfigs", "get schedulerconfigs"];

test("all programs of a member have their images, and the kubelet alone those of a worker", async () => {
  expect(await images("controlplane", true, all)).toEqual({
    value: {
      kubelet: "ghcr.io/siderolabs/kubelet:v1.36.3",
      "kube-apiserver": "registry.k8s.io/kube-apiserver:v1.36.3",
      "kube-controller-manager": "registry.k8s.io/kube-controller-manager:v1.36.3",
      "kube-scheduler": "registry.k8s.io/kube-scheduler:v1.36.3",
    },
  });
  expect(await images("worker", false, all)).toEqual({ value: { kubelet: "ghcr.io/siderolabs/kubelet:v1.36.3" } });
});

test.each(places)("what is not there yet (%s) is a problem, and so is what does not answer", async (place) => {
  for (const answer of [{}, prints.spec({ image: "" })]) {
    expect(await images("controlplane", true, { ...all, [place]: answer })).toEqual({
      problem: expect.stringMatching(/^it has no image of (its kubelet|kube-[a-z-]+) yet$/),
    });
  }
  expect(await images("controlplane", true, { ...all, [place]: { code: 1 } })).toEqual({ problem: "refused" });
});

test("what its config has switched off does not run", async () => {
  const off = { ...all, "get schedulerconfigs": prints.spec({ enabled: false, image: "registry.k8s.io/kube-scheduler:v1.30.0" }) };
  expect(await images("controlplane", true, off)).toEqual({ value: expect.not.objectContaining({ "kube-scheduler": expect.anything() }) });
});

test("a control plane node that is no member runs nothing of a cluster", async () => {
  expect(await images("controlplane", false, {})).toEqual({ value: {} });
});
