import { describe, expect, test } from "vitest";
import { parseCluster } from "../../cluster/parse.ts";
import { DeclarationError } from "../../cluster/problems.ts";

const node = (hostname: string, role: string, address: string) => ({ hostname, role, address, installDisk: "/dev/sda" });

/** A configuration with nothing wrong; `changes` replaces keys, undefined takes one away. */
function configuration(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const whole = {
    clusterName: "demo",
    endpoint: "https://10.1.0.9:6443",
    talosVersion: "v1.13.3",
    talosContract: "v1.13",
    kubernetesVersion: "v1.36.3",
    nodes: [node("c1", "controlplane", "10.1.0.1"), node("w1", "worker", "10.1.0.4")],
    secrets: { source: "generated" },
    ...changes,
  };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}

function problemsWith(changes: Record<string, unknown>): string[] {
  try {
    parseCluster(configuration(changes));
  } catch (error) {
    if (error instanceof DeclarationError) return error.problems.map(({ path, repair }) => `${path}: ${repair}`);
    throw error;
  }
  return [];
}

test("defaults are filled in", () => {
  expect(parseCluster(configuration())).toMatchObject({
    imageFactoryUrl: "https://factory.talos.dev",
    workerLanes: 1,
    secureBoot: false,
    backupDir: "backups",
    drainTimeout: 300,
    nodeTimeout: 600,
    allowQuorumLoss: false,
    allowDowngrade: false,
    allowDestroy: false,
    patches: "patches",
    apps: "apps",
    schematic: "schematic.yaml",
    nodes: [{ generation: 1, arch: "amd64" }, {}],
  });
});

describe("a value that is wrong is named, with what to write", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["an unknown key", { talosverison: "v1.13.3" }, /^talosverison: is not a known key; did you mean talosVersion\?$/],
    ["a missing key", { endpoint: undefined }, /^endpoint: is missing: expected https/],
    ["an endpoint without a port", { endpoint: "https://10.1.0.9" }, /^endpoint: expected https:\/\/<host>:<port>/],
    ["an endpoint with a path", { endpoint: "https://10.1.0.9:6443/" }, /^endpoint: expected/],
    ["an endpoint without TLS", { endpoint: "http://10.1.0.9:6443" }, /^endpoint: expected/],
    ["a port that is none", { endpoint: "https://10.1.0.9:65536" }, /^endpoint: expected a port/],
    ["a version without its v", { talosVersion: "1.13.3" }, /^talosVersion: expected a full version with its v/],
    ["a version that is a minor", { kubernetesVersion: "v1.36" }, /^kubernetesVersion: expected a full version/],
    ["a contract that is a release", { talosContract: "v1.13.3" }, /^talosContract: expected a major and minor/],
    ["a contract from the future", { talosContract: "v1.14" }, /^talosContract: is newer than talosVersion/],
    [
      "a pair that Talos does not support",
      { kubernetesVersion: "v1.30.1" },
      /^kubernetesVersion: Talos 1.13 supports Kubernetes 1.31 to 1.36/,
    ],
    [
      "a Talos that the table does not know",
      { talosVersion: "v1.99.0" },
      /^talosVersion: Talos 1.99 is not in the table.*compatibility.json$/,
    ],
    ["no nodes", { nodes: [] }, /^nodes: expected at least one node$/],
    ["nodes that are no list", { nodes: "c1" }, /^nodes: expected a list of nodes$/],
    ["no control plane", { nodes: [node("w1", "worker", "10.1.0.4")] }, /^nodes: no node has the role controlplane/],
    ["nowhere to run pods", { nodes: [node("c1", "controlplane", "10.1.0.1")] }, /^allowSchedulingOnControlPlanes: no node may run pods/],
    [
      "a hostname twice",
      { nodes: [node("c1", "controlplane", "10.1.0.1"), node("c1", "worker", "10.1.0.4")] },
      /^nodes\[1\].hostname: is taken by nodes\[0\]/,
    ],
    [
      "an address twice",
      { nodes: [node("c1", "controlplane", "10.1.0.1"), node("w1", "worker", "10.1.0.1")] },
      /^nodes\[1\].address: is taken by nodes\[0\]/,
    ],
    [
      "an address that is none",
      { nodes: [node("c1", "controlplane", "10.1.0"), node("w1", "worker", "10.1.0.4")] },
      /^nodes\[0\].address: expected an IPv4 address/,
    ],
    [
      "a role that is none",
      { nodes: [node("c1", "controller", "10.1.0.1"), node("w1", "worker", "10.1.0.4")] },
      /^nodes\[0\].role: expected controlplane or worker$/,
    ],
    [
      "a misspelt key of a node",
      { nodes: [{ ...node("c1", "controlplane", "10.1.0.1"), installdisk: 1 }, node("w1", "worker", "10.1.0.4")] },
      /^nodes\[0\].installdisk: is not a known key; did you mean installDisk\?$/,
    ],
    ["a worker as the endpoint", { endpoint: "https://10.1.0.4:6443" }, /^endpoint: is the address of the worker w1/],
    ["secrets from nowhere", { secrets: { source: "vault" } }, /^secrets.*: expected where the cluster's secrets come from/],
    ["a path out of the project", { patches: "../patches" }, /^patches: expected a path inside the project/],
    ["no lanes", { workerLanes: 0 }, /^workerLanes: /],
    ["a boolean in words", { allowDestroy: "yes" }, /^allowDestroy: expected true or false$/],
  ])("%s", (_, changes, expected) => {
    expect(problemsWith(changes)).toEqual([expect.stringMatching(expected)]);
  });
});

test("everything wrong is told at once, with the values", () => {
  const wrong = () =>
    parseCluster(
      configuration({
        talosVersion: "1.13",
        kubernetesversion: "x",
        nodes: [node("c1", "worker", "10.1.0.1"), node("c1", "worker", "10.1.0.300")],
      }),
    );
  expect(wrong).toThrow(DeclarationError);
  expect(wrong).toThrow('configuration: 3 problems\n  talosVersion: "1.13": expected');
});

test("what lies between values is checked although another value is wrong", () => {
  const problems = problemsWith({ talosVersion: "1.13", nodes: [node("w1", "worker", "10.1.0.1"), node("w1", "worker", "10.1.0.1")] });
  expect(problems).toEqual([
    expect.stringMatching(/^talosVersion/),
    expect.stringMatching(/^nodes\[1\].hostname/),
    expect.stringMatching(/^nodes\[1\].address/),
    expect.stringMatching(/^nodes: no node has the role controlplane/),
  ]);
});
