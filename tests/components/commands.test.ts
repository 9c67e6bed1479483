/** What the Commands of a cluster are told, and what its nodes' configurations are. */
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

const command = ({ type }: Registration) => type === "command:local:Command";

describe("commands", () => {
  const environments = () =>
    graph.all.filter(command).map(({ name, inputs }) => ({ name, environment: inputs.environment as Record<string, unknown> }));

  test("take no path of this machine, no clock and nothing printed before", () => {
    for (const { name, inputs } of graph.all.filter(command)) {
      expect([name, inputs.addPreviousOutputInEnv, inputs.dir, inputs.triggers]).toEqual([name, false, undefined, undefined]);
      const script = /^node_modules\/\.bin\/node --import=\.\/sources\/compile-cache\.mjs operations\/[a-z-]+\.ts( delete)?$/;
      // The record of the cluster's name runs nothing, ever.
      if (name === "cluster-name-record") expect([inputs.create, inputs.update, inputs.delete]).toEqual([undefined, undefined, undefined]);
      else expect(inputs.create ?? inputs.delete).toMatch(script);
      // What is new in an update of the bootstrap was lost.
      const again = name === "demo-bootstrap-command" ? " update" : "";
      expect(inputs.update).toBe(inputs.create && `${inputs.create}${again}`);
    }
  });

  test("get the Talos CA as a secret, and nothing else of the bundle; how long a node is waited for leaves room for a run's own", () => {
    const ca = { secret: JSON.stringify(talosAuthority) };
    for (const { name, environment } of environments()) {
      const { TALOS_CA, DECLARED_NODE_TIMEOUT, NODE_TIMEOUT } = environment;
      if (!/guard|cluster-name/.test(name))
        expect([name, TALOS_CA, DECLARED_NODE_TIMEOUT, NODE_TIMEOUT]).toEqual([name, ca, "600", undefined]);
      const others = JSON.stringify({ ...environment, TALOS_CA: undefined }).replaceAll(talosAuthority.key, "os-key");
      expect(others).not.toMatch(/os-key|cluster-secret|token/);
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

  const talos = {
    TALOS_VERSION: "v1.13.3",
    SCHEMATIC_ID: schematicId,
    INSTALLER_IMAGE: `factory.talos.dev/metal-installer/${schematicId}:v1.13.3`,
    ALLOW_DOWNGRADE: "false",
  };

  test("of a node's Talos version", () => {
    expect(told("talos-c1-command")).toEqual({ ...c1, ...rolling, ...talos });
  });

  test("of the Kubernetes version", () => {
    const { CONTROL_PLANE, ...rest } = told("kubernetes-version-command");
    expect(rest).toEqual({ KUBERNETES_VERSION: "v1.36.3" });
    expect(JSON.parse(String(CONTROL_PLANE))).toEqual([1, 2, 3].map((n) => ({ hostname: `c${n}`, address: `10.1.0.${n}` })));
  });

  test("of a node's configuration, which it reads from standard input", () => {
    expect(told("configuration-c1-reconfigure")).toEqual({ ...c1, ...rolling, ...talos, NODE_GENERATION: "1" });
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
