import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { refuseAnotherMachine } from "../../components/node-removal.ts";
import { confirmed } from "../../components/schematic.ts";
import { TalosCluster } from "../../components/talos-cluster.ts";
import { declaration, mocks } from "./fixtures.ts";
import { record } from "./recorder.ts";

async function outputs() {
  let cluster: TalosCluster | undefined;
  await record(mocks, () => {
    cluster = new TalosCluster("demo", declaration());
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

  test("is updated when its peers change", () => {
    expect(() =>
      refuseAnotherMachine({ oldInputs: { environment }, newInputs: { environment: { ...environment, CONTROL_PLANE: "[1]" } } }),
    ).not.toThrow();
  });

  test.each([
    ["address", "NODE_ADDRESS", "10.1.0.7"],
    ["role", "NODE_ROLE", "worker"],
  ])("refuses a changed %s", (word, variable, value) => {
    expect(() =>
      refuseAnotherMachine({ oldInputs: { environment }, newInputs: { environment: { ...environment, [variable]: value } } }),
    ).toThrow(new RegExp(`the ${word} of c1 changed from .* to ${value}`));
  });
});
