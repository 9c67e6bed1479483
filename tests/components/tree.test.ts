import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocks } from "./fixtures.ts";
import { Graph } from "./graph.ts";
import { type Registration, record } from "./recorder.ts";

const declared = declaration();
let graph: Graph;
beforeAll(async () => {
  graph = new Graph("demo", await record(mocks, () => new TalosCluster("demo", declared)));
});

const kubernetes = ({ type }: Registration) => type.startsWith("kubernetes:");
const command = ({ type }: Registration) => type === "command:local:Command";

describe("names", () => {
  test("a child's name begins with its component's", () => {
    const strays = graph.all.filter((child) => {
      const parent = graph.parentOf(child);
      return parent ? !child.name.startsWith(`${parent.name}-`) : child.name !== "demo";
    });
    expect(strays.map(({ name }) => name)).toEqual([]);
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
  const parts = ["apps.ts", "rollout.ts"];
  const helpers = ["component.ts", "interrupted-release.ts", "made.ts", "operation.ts", "same-cluster.ts", "stored-environment.ts"];
  const files = readdirSync("components").filter((file) => ![...parts, ...helpers].includes(file));
  const classes = [...types].map((type) =>
    type
      .split(":")[2]
      ?.replace(/(?<=[a-z])[A-Z]/g, "-$&")
      .toLowerCase(),
  );
  expect(classes.map((name) => `${name}.ts`).sort()).toEqual(files.sort());
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
    const metadata = { name: "tool", namespace: "flux-system", annotations: { "pulumi.com/skipAwait": "true" } };
    expect(graph.get("manifests-flux-system-apps-v1-Deployment-flux-system-tool").inputs.metadata).toEqual(metadata);
    expect(graph.get("manifests-flux-system-v1-Secret-flux-system-deploy-key").inputs.metadata).not.toHaveProperty("annotations");
  });

  test("of a release of lifecycle bootstrap stay as they were made", () => {
    const sync = graph.get("after-flux-system-flux2-kustomize.toolkit.fluxcd.io-v1-Kustomization-flux-system-cluster");
    expect(sync.ignoreChanges).toEqual(["metadata", "spec", "data", "stringData"]);
    expect(graph.get("after-kube-system-cilium-cilium.io-v2-CiliumLoadBalancerIPPool-pool").ignoreChanges).toEqual([]);
  });
});

describe("commands", () => {
  const environments = () =>
    graph.all.filter(command).map(({ name, inputs }) => ({ name, environment: inputs.environment as Record<string, unknown> }));

  test("take no path of this machine, no clock and nothing printed before", () => {
    for (const { name, inputs } of graph.all.filter(command)) {
      expect([name, inputs.addPreviousOutputInEnv, inputs.dir, inputs.triggers]).toEqual([name, false, undefined, undefined]);
      const script = /^node_modules\/\.bin\/node --import=\.\/sources\/compile-cache\.mjs operations\/[a-z-]+\.ts( delete)?$/;
      expect(inputs.create ?? inputs.delete).toMatch(script);
      expect(inputs.update).toBe(inputs.create);
    }
  });

  test("get the Talos CA as a secret, and nothing else of the bundle; how long a node is waited for leaves room for a run's own", () => {
    const ca = { secret: JSON.stringify({ cert: "os-cert", key: "os-key" }) };
    for (const { name, environment } of environments()) {
      const { TALOS_CA, DECLARED_NODE_TIMEOUT, NODE_TIMEOUT } = environment;
      if (!name.includes("guard")) expect([name, TALOS_CA, DECLARED_NODE_TIMEOUT, NODE_TIMEOUT]).toEqual([name, ca, "600", undefined]);
      expect(JSON.stringify({ ...environment, TALOS_CA: undefined })).not.toMatch(/os-key|client-key|cluster-secret|token/);
    }
  });

  test("are never made anew: that would delete the old one, which for a removal resets the machine", () => {
    for (const { name, inputs, replaceOnChanges, replacementTrigger } of graph.all.filter(command)) {
      // The SDK itself asks for a replacement when triggers change, and there are none.
      expect([name, inputs.triggers, replaceOnChanges, replacementTrigger]).toEqual([name, undefined, ["triggers[*]"], undefined]);
    }
  });

  test("only guards and removals do something when deleted, and they do nothing before", () => {
    const deleting = graph.all.filter((registration) => command(registration) && registration.inputs.delete);
    for (const { name, inputs } of deleting) {
      expect(name).toMatch(/^demo-(guard|removal)-/);
      expect([inputs.create, inputs.update]).toEqual([undefined, undefined]);
    }
    expect(deleting).toHaveLength(3 + declared.nodes.length);
  });

  test("about one node hold no other's data, except removals and the bootstrap: another's change does not run them", () => {
    for (const { name, environment } of environments()) {
      const own = declared.nodes.find(({ hostname }) => hostname === environment.NODE_HOSTNAME);
      const others = declared.nodes.filter((node) => node !== own).map(({ hostname }) => hostname);
      if (!own || /removal|bootstrap/.test(name)) continue;
      for (const other of others) expect([name, JSON.stringify(environment)]).toEqual([name, expect.not.stringContaining(`"${other}"`)]);
    }
  });
});

describe("what a script is told", () => {
  const told = (name: string) => {
    const { CLUSTER_NAME, CLUSTER_ID, TALOS_CA, DECLARED_NODE_TIMEOUT, ENGINE, ...rest } = graph.get(name).inputs.environment as Record<
      string,
      unknown
    >;
    expect([CLUSTER_NAME, CLUSTER_ID, DECLARED_NODE_TIMEOUT, ENGINE]).toEqual(["demo", { secret: "cluster-id" }, "600", "pulumi"]);
    return rest;
  };
  const rolling = { ENDPOINT: "https://10.1.0.9:6443", BACKUP_DIR: "backups", DRAIN_TIMEOUT: "300", ALLOW_QUORUM_LOSS: "false" };
  const c1 = { NODE_HOSTNAME: "c1", NODE_ADDRESS: "10.1.0.1", NODE_ROLE: "controlplane" };
  const schematicId = "a".repeat(64);

  test("before versions change", () => {
    const { NODES, ...rest } = told("snapshot-command");
    expect(rest).toEqual({ TALOS_VERSION: "v1.13.3", KUBERNETES_VERSION: "v1.36.3", BACKUP_DIR: "backups", ALLOW_DOWNGRADE: "false" });
    expect(JSON.parse(String(NODES))).toEqual(
      declared.nodes.map(({ hostname, address, role }) => ({ hostname, address, role, schematicId })),
    );
  });

  test("of a node's Talos version", () => {
    const installer = { INSTALLER_IMAGE: `factory.talos.dev/metal-installer/${schematicId}:v1.13.3`, SCHEMATIC_ID: schematicId };
    expect(told("talos-c1-command")).toEqual({ ...c1, ...rolling, ...installer, TALOS_VERSION: "v1.13.3", ALLOW_DOWNGRADE: "false" });
  });

  test("of the Kubernetes version", () => {
    const { CONTROL_PLANE, ...rest } = told("kubernetes-version-command");
    expect(rest).toEqual({ KUBERNETES_VERSION: "v1.36.3" });
    expect(JSON.parse(String(CONTROL_PLANE))).toEqual([1, 2, 3].map((n) => ({ hostname: `c${n}`, address: `10.1.0.${n}` })));
  });

  test("of a node's configuration, which it reads from standard input", () => {
    expect(told("configuration-c1-reconfigure")).toEqual({ ...c1, ...rolling, NODE_GENERATION: "1", SCHEMATIC_ID: schematicId });
    expect(graph.get("configuration-c1-reconfigure").additionalSecretOutputs).toEqual(["stdin"]);
    expect(graph.get("configuration-c1-reconfigure").inputs.stdin).toEqual({ secret: "# config of\nmachine: {}\n# c1\n" });
  });
});

describe("machine configs", () => {
  test("are secret, and applied at the node's own address", () => {
    const apply = graph.get("configuration-c1-apply");
    expect(apply.inputs).toMatchObject({ node: "10.1.0.1", endpoint: "10.1.0.1", applyMode: "auto" });
    expect(apply.inputs.machineConfigurationInput).toEqual({ secret: "# config of\nmachine: {}\n# c1\n" });
  });

  test("are forgotten, and no node reset, when they are deleted", () => {
    for (const { hostname } of declared.nodes) expect(graph.get(`configuration-${hostname}-apply`).inputs).not.toHaveProperty("onDestroy");
  });

  test("are applied again when the generation is raised", () => {
    expect(graph.get("configuration-c1-apply").replacementTrigger).toBe(1);
    expect(graph.get("configuration-c1-reconfigure").inputs.environment).toMatchObject({ NODE_GENERATION: "1" });
    expect(graph.get("ready-c1-command").inputs.environment).toMatchObject({ NODE_GENERATION: "1" });
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
      expect([name, JSON.stringify(marked(inputs))]).toEqual([
        name,
        expect.not.stringMatching(/os-key|client-key|kube-key|ssh-key|cluster-secret|bootstrap-token|trustd-token/),
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
