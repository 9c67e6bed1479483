import { describe, expect, test } from "vitest";
import type { NodeSight } from "../../../cluster/status/sight.ts";
import { exitCodes, worst } from "../../../cluster/status/state.ts";
import { judge } from "../../../cluster/status/status.ts";

const declared = {
  hostname: "c1",
  address: "10.1.0.1",
  role: "controlplane" as const,
  talosVersion: "v1.13.3",
  schematicId: "aaa",
  kubernetesVersion: "v1.36.3",
};
const known = <T>(value: T) => ({ value });
const fine = {
  machine: { is: "ours", names: known(["c1"]) },
  talos: known({ version: "v1.13.3", schematic: "aaa" }),
  config: known({ declared: "a: 1\n", running: "a: 1\n" }),
  etcd: known({ state: "member" }),
  kubernetes: known({ cordoned: false, kubelet: "v1.36.3", images: { "kube-apiserver": "registry.k8s.io/kube-apiserver:v1.36.3" } }),
} satisfies NodeSight;

const of = (seen: NodeSight) => judge("demo", [{ declared, seen }], { members: ["c1"], nodes: ["c1"] });
const notFine = (seen: NodeSight) => of(seen).nodes.flatMap(({ findings }) => findings.filter(({ state }) => state !== "as declared"));

test("a node that is all that is declared", () => {
  const status = of(fine);
  expect(status.state).toBe("as declared");
  expect(status.nodes[0]?.findings.map(({ about }) => about)).toEqual([
    "machine",
    "Talos",
    "schematic",
    "configuration",
    "etcd",
    "Kubernetes",
    "Node",
  ]);
  expect(status.nodes[0]).not.toHaveProperty("config");
});

describe("what differs", () => {
  const node = fine.kubernetes.value;
  test.each<[string, Partial<NodeSight>, string, RegExp]>([
    ["another Talos", { talos: known({ version: "v1.13.2", schematic: "aaa" }) }, "v1.13.2 runs, v1.13.3 is declared", /upgrade-talos c1$/],
    ["another schematic", { talos: known({ version: "v1.13.3", schematic: "bbb" }) }, "bbb runs, aaa is declared", /upgrade-talos c1$/],
    ["no schematic", { talos: known({ version: "v1.13.3" }) }, "none runs, aaa is declared", /upgrade-talos c1$/],
    ["another config", { config: known({ declared: "a: 1\n", running: "a: 2\n" }) }, "runs another one", /reconfigure c1$/],
    ["etcd that waits", { etcd: known({ state: "waiting" }) }, "not a member yet", /npm run up; .*operation -- bootstrap c1/],
    ["etcd that is ill", { etcd: known({ state: "member", problem: "no leader" }) }, "no leader", /logs etcd/],
    ["another kubelet", { kubernetes: known({ ...node, kubelet: "v1.35.4" }) }, "kubelet v1.35.4 runs", /reconfigure c1$/],
    [
      "another API server",
      { kubernetes: known({ ...node, images: { "kube-apiserver": "registry.k8s.io/kube-apiserver:v1.35.4" } }) },
      "kube-apiserver v1.35.4 runs",
      /upgrade-kubernetes$/,
    ],
    [
      "a Node that is not Ready",
      { kubernetes: known({ ...node, notReady: "Ready is False (kubelet stopped)" }) },
      "Ready is False (kubelet stopped)",
      /describe node c1/,
    ],
    ["a person's cordon", { kubernetes: known({ ...node, cordoned: true }) }, "cordoned by a person", /uncordon c1/],
    [
      "a killed run's cordon",
      { kubernetes: known({ ...node, cordoned: true, cordonedBy: "reconfigure" }) },
      "did not finish",
      /npm run up/,
    ],
    [
      "a killed removal's cordon",
      { kubernetes: known({ ...node, cordoned: true, cordonedBy: "remove-node" }) },
      "cordoned by remove-node, which did not finish",
      /kubectl uncordon c1/,
    ],
    ["no Node", { kubernetes: known(undefined) }, "has no Node c1", /service kubelet/],
    ["another name", { machine: { is: "ours", names: known(["c9", "c9.lan"]) } }, "the cluster's node c9", /not renamed/],
  ])("%s", (_name, changes, what, remedy) => {
    const findings = notFine({ ...fine, ...changes });
    expect(findings).toEqual([
      expect.objectContaining({ state: "different", what: expect.stringContaining(what), remedy: expect.stringMatching(remedy) }),
    ]);
  });

  test("a machine that waits for its configuration, whether the cluster knew it or not", () => {
    const fresh = notFine({ machine: { is: "maintenance" }, kubernetes: known(undefined) });
    expect(fresh).toMatchObject([{ about: "machine", state: "different", brief: "new" }]);
    const [empty] = notFine({ machine: { is: "maintenance" }, kubernetes: known({ ...node, notReady: "gone" }) });
    expect(empty).toMatchObject({ state: "different", brief: "empty", remedy: expect.stringContaining("generation") });
  });

  test("a machine of somebody else", () => {
    expect(notFine({ machine: { is: "foreign", why: "another CA" } })).toMatchObject([{ state: "different", what: "another CA" }]);
  });

  test("members and Nodes that no declared node accounts for", () => {
    const { state, findings } = judge("demo", [{ declared, seen: fine }], { members: ["C1", "10.1.0.9"], nodes: ["c1", "old"] });
    expect(state).toBe("different");
    expect(findings.map(({ what }) => what)).toEqual([
      "etcd has a member 10.1.0.9 that is not declared",
      "the cluster has a Node old that is not declared",
    ]);
  });
});

test("an image in another variant is of the version that it is made of, as the scripts have it", () => {
  const images = { "kube-apiserver": "registry.k8s.io/kube-apiserver:v1.36.3-fat@sha256:0123" };
  expect(notFine({ ...fine, kubernetes: known({ ...fine.kubernetes.value, images }) })).toEqual([]);
});

describe("what is not known", () => {
  test("the version of an image whose tag is none", () => {
    const images = { ...fine.kubernetes.value.images, "kube-scheduler": "k:v1.36.3-mine" };
    expect(notFine({ ...fine, kubernetes: known({ ...fine.kubernetes.value, images }) })).toEqual([
      expect.objectContaining({ state: "unknown", what: "the version of k:v1.36.3-mine cannot be told" }),
    ]);
  });

  test("a machine that does not answer", () => {
    expect(notFine({ machine: { is: "unknown", why: "no answer within 5 s" } })).toEqual([
      expect.objectContaining({ state: "unknown", what: "no answer within 5 s", remedy: expect.stringContaining("10.1.0.1") }),
    ]);
  });

  test.each(["talos", "config", "etcd", "kubernetes"] as const)("%s is never taken for different, nor for declared", (part) => {
    const status = of({ ...fine, [part]: { problem: "no answer" } });
    expect(status.state).toBe("unknown");
    for (const finding of notFine({ ...fine, [part]: { problem: "no answer" } }))
      expect(finding).toMatchObject({ state: "unknown", what: "no answer" });
  });
});

test("what is unknown outranks what is different, and each has an exit code", () => {
  expect(exitCodes[worst(["as declared", "different", "unknown"])]).toBe(3);
  expect(exitCodes[worst(["as declared", "different"])]).toBe(2);
  expect(exitCodes[worst([])]).toBe(0);
});
