import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocks, talosAuthority } from "./fixtures.ts";
import { Graph } from "./graph.ts";
import { type Registration, record } from "./recorder.ts";

const declared = declaration();
let graph: Graph;
beforeAll(async () => {
  graph = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declared)));
});

const kubernetes = ({ type }: Registration) => type.startsWith("kubernetes:");

describe("names", () => {
  test("a child's name begins with its component's, but for the record of the cluster's own", () => {
    const strays = graph.all.filter((child) => {
      const parent = graph.parentOf(child);
      return parent ? !child.name.startsWith(`${parent.name}-`) : child.name !== "demo";
    });
    expect(strays.map(({ name }) => name)).toEqual(["cluster-name"]);
  });

  test("everything but the cluster has a parent", () => {
    expect(graph.all.filter((registration) => !registration.parent).map(({ name }) => name)).toEqual(["demo"]);
  });

  test("what belongs to a node is named by its hostname", () => {
    for (const { hostname } of declared.nodes) {
      for (const part of ["removal", "talos", "configuration", "ready"])
        expect(graph.get(`${part}-${hostname}`).type).toMatch(/^phoebe:node:/);
    }
  });

  test("no two nodes, put in another order, change names", async () => {
    const reordered = declaration({ nodes: [...declared.nodes].reverse() });
    const other = await record(mocks, () => new TalosCluster("demo", reordered));
    expect([...other.keys()].sort()).toEqual(graph.all.map(({ name }) => name).sort());
  });
});

test("every component has a type token of its own, phoebe:<module>:<Class>, one for each file", () => {
  const types = new Set(graph.all.filter(({ custom }) => !custom).map(({ type }) => type));
  for (const type of types) expect(type).toMatch(/^phoebe:[a-z]+:[A-Z][A-Za-z]+$/);
  const parts = ["apps.ts", "deletions.ts", "rollout.ts"];
  const helpers = [
    "component.ts",
    "interrupted-release.ts",
    "made.ts",
    "operation.ts",
    "same-cluster.ts",
    "stored-environment.ts",
    "taking-over.ts",
  ];
  const files = readdirSync("components").filter((file) => ![...parts, ...helpers].includes(file));
  const classes = [...types].map((type) =>
    type
      .split(":")[2]
      ?.replace(/(?<=[a-z])[A-Z]/g, "-$&")
      .toLowerCase(),
  );
  expect(classes.map((name) => `${name}.ts`).sort()).toEqual(files.sort());
});

test("Talos resources all speak through the one provider, and no others do", () => {
  const provider = graph.get("talos").urn;
  const through = graph.all.filter((registration) => registration.provider.startsWith(provider));
  const talos = graph.all.filter(({ type }) => type.startsWith("talos:"));
  expect(talos.length).toBeGreaterThan(4);
  expect(through.map(({ name }) => name)).toEqual(talos.map(({ name }) => name));
});

describe("Kubernetes resources", () => {
  test("vanish with the cluster", () => {
    const cluster = graph.get("bootstrap-command").urn;
    for (const registration of graph.all.filter(kubernetes))
      expect([registration.name, registration.deletedWith]).toEqual([registration.name, cluster]);
  });

  test("all speak through the one provider, which is told the cluster's name", () => {
    const provider = graph.get("kubernetes");
    expect(provider.inputs).toMatchObject({ clusterIdentifier: "demo", upsertExistingObjects: "true" });
    for (const registration of graph.all.filter(kubernetes)) expect(registration.provider).toContain(provider.urn);
  });

  test("are waited for by no component of theirs: it is registered before their provider", () => {
    const order = graph.all.map(({ name }) => name);
    const components = graph.all.filter(({ type }) => type.startsWith("phoebe:kubernetes:"));
    expect(components.length).toBeGreaterThan(4);
    for (const { name } of components) expect([name, order.indexOf(name) < order.indexOf("demo-kubernetes")]).toEqual([name, true]);
  });

  test.each([
    ["namespaces-flux-system", true],
    ["namespaces-kube-system", false],
    ["crds-flux-system-flux2-sources.example.org", true],
    ["release-flux-system-flux2-helm", true],
    ["release-kube-system-cilium-helm", false],
    ["manifests-flux-system-v1-Secret-flux-system-deploy-key", false],
    ["manifests-flux-system-v1-PersistentVolumeClaim-flux-system-cache", true],
    ["manifests-flux-system-apiextensions.k8s.io-v1-CustomResourceDefinition-tools.example.org", true],
    ["after-kube-system-cilium-cilium.io-v2-CiliumLoadBalancerIPPool-pool", false],
    ["after-flux-system-flux2-kustomize.toolkit.fluxcd.io-v1-Kustomization-flux-system-cluster", true],
  ])("%s is kept when removed here: %s", (name, kept) => {
    expect(graph.get(name).retainOnDelete).toBe(kept);
  });

  test("a built-in namespace is patched, another made", () => {
    expect(graph.get("namespaces-kube-system").type).toBe("kubernetes:core/v1:NamespacePatch");
    expect(graph.get("namespaces-flux-system").type).toBe("kubernetes:core/v1:Namespace");
  });
});

describe("releases", () => {
  test("are installed from an archive on this machine", () => {
    expect(graph.get("release-kube-system-cilium-helm").inputs).toEqual({
      name: "cilium",
      namespace: "kube-system",
      chart: "./.charts/demo/kube-system-cilium.tgz",
      version: "1.2.3",
      values: { replicas: 1 },
      timeout: 600,
      skipCrds: false,
      compat: "true",
    });
  });

  test("leave definitions to the stack where it applies them", () => {
    expect(graph.get("release-flux-system-flux2-helm").inputs.skipCrds).toBe(true);
  });

  test("of lifecycle bootstrap keep what they were installed with", () => {
    expect(graph.get("release-flux-system-flux2-helm").ignoreChanges).toEqual(["chart", "version", "values", "timeout", "skipCrds"]);
    expect(graph.get("crds-flux-system-flux2-sources.example.org").ignoreChanges).toEqual(["metadata", "spec"]);
    expect(graph.get("release-kube-system-cilium-helm").ignoreChanges).toEqual([]);
  });

  test("are cleared of what a killed run left, before a create and before an update", () => {
    const hook = (operation: string) => [`demo-release-kube-system-cilium-clear-before-${operation}`];
    expect(graph.get("release-kube-system-cilium-helm").hooks).toEqual({ beforeCreate: hook("create"), beforeUpdate: hook("update") });
  });
});

describe("what the cluster has already", () => {
  const force = "pulumi.com/patchForce";

  test.each([
    "namespaces-flux-system",
    "namespaces-kube-system",
    "manifests-flux-system-v1-Secret-flux-system-deploy-key",
    "after-kube-system-cilium-cilium.io-v2-CiliumLoadBalancerIPPool-pool",
  ])("is made as declared, whoever set it: %s", (name) => {
    expect(annotationsOf(graph, name)).toMatchObject({ [force]: "true" });
  });

  test.each([
    "crds-flux-system-flux2-sources.example.org",
    "after-flux-system-flux2-kustomize.toolkit.fluxcd.io-v1-Kustomization-flux-system-cluster",
  ])("is not taken from Flux: %s", (name) => {
    expect(annotationsOf(graph, name)).toBeUndefined();
    expect(graph.get(name).importId).toBe("");
  });

  test("is taken into the state as it is, where it is a definition of lifecycle bootstrap", async () => {
    const releases = declared.releases.map((release) => ({ ...release, standing: ["sources.example.org"] }));
    const standing = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declaration({ releases }))));
    expect(standing.get("crds-flux-system-flux2-sources.example.org").importId).toBe("sources.example.org");
  });

  test("is taken over with a definition of lifecycle managed", async () => {
    const releases = declared.releases.map((release) => ({ ...release, lifecycle: "managed" as const }));
    const managed = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declaration({ releases }))));
    expect(annotationsOf(managed, "crds-flux-system-flux2-sources.example.org")).toEqual({ [force]: "true" });
  });
});

describe("releases that are adopted", () => {
  const adopted = async (id: string | undefined) => {
    const releases = declared.releases.map((release) => ({ ...release, adopted: { id } }));
    const registered = await record(mocks, () => new TalosCluster("demo", declaration({ releases })));
    return new Graph("demo", registered);
  };

  test("are imported, and keep what Helm has no record of", async () => {
    const taken = await adopted("kube-system/cilium");
    expect(taken.get("release-kube-system-cilium-helm").importId).toBe("kube-system/cilium");
    expect(taken.get("release-kube-system-cilium-helm").ignoreChanges).toEqual(["timeout", "skipCrds"]);
    expect(taken.get("release-flux-system-flux2-helm").ignoreChanges).toEqual(["chart", "version", "values", "timeout", "skipCrds"]);
  });

  test("are not imported where the cluster was not seen", async () => {
    expect((await adopted(undefined)).get("release-kube-system-cilium-helm").importId).toBe("");
  });
});

describe("manifests", () => {
  test("are resources of the type that the SDK gives their kind", () => {
    const types = graph.all.filter(({ name }) => /^demo-(manifests|after)-.*-(v1|v2)-/.test(name)).map(({ type }) => type);
    expect(types.sort()).toEqual([
      "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
      "kubernetes:apps/v1:Deployment",
      "kubernetes:cilium.io/v2:CiliumLoadBalancerIPPool",
      "kubernetes:core/v1:PersistentVolumeClaim",
      "kubernetes:core/v1:Secret",
      "kubernetes:kustomize.toolkit.fluxcd.io/v1:Kustomization",
    ]);
  });

  test("keep the data of a Secret secret", () => {
    const key = graph.get("manifests-flux-system-v1-Secret-flux-system-deploy-key");
    expect(key.inputs.stringData).toEqual({ secret: { identity: "ssh-key" } });
    expect(key.additionalSecretOutputs).toEqual(["data", "stringData"]);
  });

  test("before the network are not waited for", () => {
    const skips = (name: string) => annotationsOf(graph, `manifests-flux-system-${name}`)?.["pulumi.com/skipAwait"];
    expect(skips("apps-v1-Deployment-flux-system-tool")).toBe("true");
    expect(skips("v1-Secret-flux-system-deploy-key")).toBeUndefined();
  });

  test("of a release of lifecycle bootstrap stay as they were made", () => {
    const sync = graph.get("after-flux-system-flux2-kustomize.toolkit.fluxcd.io-v1-Kustomization-flux-system-cluster");
    expect(sync.ignoreChanges).toEqual(["metadata", "spec", "data", "stringData"]);
    expect(graph.get("after-kube-system-cilium-cilium.io-v2-CiliumLoadBalancerIPPool-pool").ignoreChanges).toEqual([]);
  });
});

describe("secrets", () => {
  test("no known secret value goes to the engine unmarked", () => {
    const marked = (value: unknown): unknown => {
      if (typeof value !== "object" || value === null) return value;
      if ("secret" in value && Object.keys(value).length === 1) return "marked";
      return Object.values(value).map(marked);
    };
    for (const { name, inputs } of graph.all) {
      expect([name, JSON.stringify(marked(inputs)).replaceAll(talosAuthority.key, "os-key")]).toEqual([
        name,
        expect.not.stringMatching(/os-key|kube-key|ssh-key|cluster-secret|bootstrap-token|trustd-token/),
      ]);
    }
  });

  test("generated ones are protected until destroying is allowed", async () => {
    expect(graph.get("secrets-generated").protect).toBe(true);
    const allowed = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declaration({ allowDestroy: true }))));
    expect(allowed.get("secrets-generated").protect).toBe(false);
    expect(allowed.get("guard-first-command").inputs.environment).toEqual({ CLUSTER_NAME: "demo", ALLOW_DESTROY: "true" });
  });

  test("a changed contract never replaces them", () => {
    expect(graph.get("secrets-generated").ignoreChanges).toEqual(["talosVersion"]);
  });
});

test("a schematic is named by its ID and replaced when its text changes", () => {
  const submitted = graph.get(`schematic-${"a".repeat(64)}-submitted`);
  expect(submitted.replaceOnChanges).toEqual(["schematic"]);
  expect(submitted.inputs.schematic).toBe("customization: {}\n");
});

function annotationsOf(graph: Graph, name: string): Record<string, string> | undefined {
  return (graph.get(name).inputs.metadata as { annotations?: Record<string, string> }).annotations;
}
