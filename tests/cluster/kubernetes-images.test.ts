import { describe, expect, test } from "vitest";
import { imagesIn, readImage, setBack } from "../../cluster/kubernetes-images.ts";

describe("the images in a machine config", () => {
  test("are found in its own document, among others", () => {
    const config = `apiVersion: v1alpha1
kind: HostnameConfig
hostname: c1
---
machine:
  kubelet: {image: "ghcr.io/siderolabs/kubelet:v1.36.3"}
cluster:
  apiServer: {image: "registry.k8s.io/kube-apiserver:v1.36.2"}
  proxy: {disabled: true}
`;
    expect(imagesIn(config)).toEqual({
      kubelet: "ghcr.io/siderolabs/kubelet:v1.36.3",
      "kube-apiserver": "registry.k8s.io/kube-apiserver:v1.36.2",
    });
    expect(imagesIn("")).toEqual({});
  });
});

test.each([
  ["registry.k8s.io/kube-apiserver:v1.36.3", "registry.k8s.io/kube-apiserver", "v1.36.3"],
  ["localhost:5000/k:v1.36.3@sha256:0123", "localhost:5000/k", "v1.36.3"],
  ["ghcr.io/siderolabs/kubelet:v1.36.3-slim", "ghcr.io/siderolabs/kubelet", "v1.36.3"],
  ["k:v1.37.0-alpha.1", "k", "v1.37.0-alpha.1"],
])("%s has a version", (image, repository, version) => {
  expect(readImage(image)).toEqual({ repository, version });
});

test.each(["k", "k:latest", "k@sha256:0123", "localhost:5000/k", "k:v1.36.3-mine"])("%s has none", (image) => {
  expect(readImage(image)).toBeUndefined();
});

test("what is set back is named, from what to what", () => {
  const running = { kubelet: "k:v1.36.3", "kube-apiserver": "a:v1.36.3", "kube-scheduler": "s:v1.36.3" };
  expect(setBack(running, { kubelet: "k:v1.35.4", "kube-apiserver": "b:v1.36.2", "kube-scheduler": "s:v1.37.0" })).toEqual([
    "kubelet v1.36.3 to v1.35.4",
    "kube-apiserver v1.36.3 to v1.36.2",
  ]);
  expect(setBack(running, { kubelet: "k:mine" })).toEqual([]);
  expect(setBack({}, { kubelet: "k:v1.35.4" })).toEqual([]);
});
