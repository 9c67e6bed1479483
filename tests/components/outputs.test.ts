import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { refuseAnotherHostname } from "../../components/etcd-snapshot.ts";
import { refuseAnotherMachine } from "../../components/node-removal.ts";
import { confirmed } from "../../components/schematic.ts";
import { TalosCluster, type TalosClusterArgs } from "../../components/talos-cluster.ts";
import { declaration, mocks, node, talosAuthority } from "./fixtures.ts";
import { type Registration, record } from "./recorder.ts";

async function outputs(changes: Partial<TalosClusterArgs> = {}) {
  let cluster: TalosCluster | undefined;
  await record(mocks, () => {
    cluster = new TalosCluster("demo", { ...declaration(), ...changes });
  });
  return cluster as TalosCluster;
}

const valueOfOutput = <T>(output: pulumi.Output<T>) =>
  new Promise<T>((resolve) => pulumi.unsecret(output).apply((value) => resolve(value as T)));

describe("outputs", () => {
  test("kubeconfig and talosconfig are secret", async () => {
    const { kubeconfig, talosconfig } = await outputs();
    expect(await pulumi.isSecret(kubeconfig)).toBe(true);
    expect(await pulumi.isSecret(talosconfig)).toBe(true);
  });

  test("the kubeconfig names the endpoint as declared and the credentials as granted", async () => {
    expect(parse(await valueOfOutput((await outputs()).kubeconfig))).toMatchObject({
      clusters: [{ name: "demo", cluster: { server: "https://10.1.0.9:6443", "certificate-authority-data": "Y2E=" } }],
      users: [{ user: { "client-certificate-data": "a2M=", "client-key-data": "kube-key" } }],
      "current-context": "admin@demo",
    });
  });
});

describe("the stack itself speaks to Kubernetes", () => {
  const server = async (changes: Partial<TalosClusterArgs>) => {
    const registered = await record(mocks, () => new TalosCluster("demo", { ...declaration(), ...changes }));
    const { kubeconfig } = (registered.get("demo-kubernetes") as Registration).inputs as { kubeconfig: { secret: string } };
    return parse(kubeconfig.secret).clusters[0].cluster.server;
  };

  test("at the first control plane node", async () => {
    expect(await server({})).toBe("https://10.1.0.1:6443");
    expect(await server({ answering: async (preferred) => preferred })).toBe("https://10.1.0.1:6443");
  });

  test("at another one that answers, where the first does not", async () => {
    expect(await server({ answering: async (_, [other = ""]) => other })).toBe("https://10.1.0.2:6443");
  });

  test("at the only one, which nobody has to ask first", async () => {
    const answering = () => Promise.reject(new Error("asked"));
    expect(await server({ nodes: [node("c1", "controlplane", 1)], answering })).toBe("https://10.1.0.1:6443");
  });
});

describe("a rendering of each node's machine config", () => {
  const rendering = async (changes = {}) => {
    const { machineConfigurations } = await outputs(changes);
    const { c1 } = machineConfigurations;
    return { c1: c1 as pulumi.Output<string>, hostnames: Object.keys(machineConfigurations) };
  };

  test("is there for each node, and no secret", async () => {
    const { c1, hostnames } = await rendering();
    expect(hostnames).toEqual(["c1", "c2", "c3", "w1", "w2"]);
    expect(await pulumi.isSecret(c1)).toBe(false);
    expect(await valueOfOutput(c1)).toContain("machine: {}");
  });

  test("shows none of the bundle's secrets", async () => {
    const configPatches = [
      stringify({
        machine: { sysctls: { a: "trustd-token", b: Buffer.from(`${talosAuthority.key} is here`).toString("base64"), c: "1" } },
      }),
    ];
    const { c1 } = await rendering({ nodes: [node("c1", "controlplane", 1, { configPatches })] });
    expect(parse(await valueOfOutput(c1))).toEqual({ machine: { sysctls: { a: "<redacted>", b: "<redacted>", c: "1" } } });
  });
});

describe("a schematic's ID", () => {
  test("that the factory confirms, or has not been asked for, is the computed one", () => {
    expect(confirmed("abc", "abc")).toBe("abc");
    expect(confirmed("abc", "")).toBe("abc");
  });

  test("that the factory does not share ends the run", () => {
    expect(() => confirmed("abc", "def")).toThrow(/keeps this schematic as def, but abc was computed/);
  });
});

describe("a node's removal", () => {
  const environment = { NODE_HOSTNAME: "c1", NODE_ADDRESS: "10.1.0.1", NODE_ROLE: "controlplane", CONTROL_PLANE: "[]" };
  const node = { hostname: "c1", address: "10.1.0.1", role: "controlplane" } as const;

  // With a secret among the variables, which there always is, the engine hands all of them over as one Output.
  test.each([
    ["plain", environment],
    ["secret", pulumi.secret(environment)],
  ])("is updated when something else changes (%s)", async (_, stored) => {
    await expect(refuseAnotherMachine(node)({ oldInputs: { environment: stored } })).resolves.toBeUndefined();
  });

  test.each([
    ["address", "10.1.0.7"],
    ["role", "worker"],
  ])("refuses a changed %s", async (word, value) => {
    const changed = refuseAnotherMachine({ ...node, [word]: value })({ oldInputs: { environment: pulumi.secret(environment) } });
    await expect(changed).rejects.toThrow(new RegExp(`the ${word} of c1 changed from .* to ${value}`));
  });
});

describe("the snapshot's hook", () => {
  const before = { NODES: JSON.stringify([{ hostname: "c1", address: "10.1.0.1", role: "controlplane", schematicId: "a" }]) };
  const oldInputs = { environment: pulumi.secret(before) };

  test("lets nodes come and go", async () => {
    const declared = [{ hostname: "c2", address: "10.1.0.2" }];
    await expect(refuseAnotherHostname(declared)({ oldInputs })).resolves.toBeUndefined();
  });

  test("refuses a hostname that changed at its address", async () => {
    const declared = [{ hostname: "c9", address: "10.1.0.1" }];
    await expect(refuseAnotherHostname(declared)({ oldInputs })).rejects.toThrow("10.1.0.1 is declared as c9, and was c1");
  });
});

describe("the newest etcd snapshot", () => {
  const printed = async (stdout: string) => {
    const mocked: pulumi.runtime.Mocks = {
      ...mocks,
      newResource: (args) => {
        const made = mocks.newResource(args) as { id: string; state: object };
        return args.name.endsWith("-snapshot-command") ? { ...made, state: { ...made.state, stdout: pulumi.secret(stdout) } } : made;
      },
    };
    let cluster: TalosCluster | undefined;
    await record(mocked, () => {
      cluster = new TalosCluster("demo", declaration());
    });
    return (cluster as TalosCluster).etcdSnapshot;
  };

  test("is where the script says, for all to see", async () => {
    const path = await printed("backups/demo-20251120T164000Z.db");
    expect([await pulumi.isSecret(path), await valueOfOutput(path)]).toEqual([false, "backups/demo-20251120T164000Z.db"]);
  });

  test("is empty while there is none", async () => {
    expect(await valueOfOutput(await printed(""))).toBe("");
  });
});
