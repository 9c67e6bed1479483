import { expect, onTestFinished, test } from "vitest";
import { lookAtKubernetes } from "../../commands/status/look-kubernetes.ts";
import type { Asking } from "../../operations/lib/talosctl/asking.ts";
import { ApiServer, nodeObject } from "../operations/support/api-server.ts";

const address = "127.207.60.1";

test("a Node is seen as the scripts see it, with the images that run on it", async () => {
  const api = await ApiServer.make(address);
  await api.start();
  onTestFinished(() => api.stop());
  const { stdout = "" } = await api.kubeconfig();
  const answer = { ok: true, stdout, stderr: "", problem: "" };
  const asking = {
    talosctl: { node: async () => answer },
    signal: new AbortController().signal,
  } as unknown as Asking;
  const pod = (nodeName: string, name: string, image: string) => ({
    metadata: { name },
    spec: { nodeName, containers: [{ name, image }] },
  });
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeObject("c1", "False"), nodeObject("c2", "True")] });
  api.resources.set("/api/v1/namespaces/kube-system/pods", {
    kind: "PodList",
    items: [pod("c1", "kube-apiserver", "a:v1.36.3-fat"), pod("c1", "coredns", "c:v1.12.0"), pod("c2", "kube-scheduler", "s:mine")],
  });

  const view = await lookAtKubernetes(asking, [address]);
  expect(view && "value" in view && [...view.value]).toEqual([
    [
      "c1",
      {
        notReady: "Ready is False (container runtime network not ready)",
        cordoned: false,
        kubelet: "unknown",
        images: { "kube-apiserver": "a:v1.36.3-fat" },
      },
    ],
    ["c2", { cordoned: false, kubelet: "unknown", images: { "kube-scheduler": "s:mine" } }],
  ]);
});
