import { expect, test } from "vitest";
import { listed, operationFor, operationsIn } from "../../commands/operation/stored.ts";
import { revealed, type StoredResource } from "../../commands/pulumi.ts";

const command = (script: string, environment: Record<string, string>, more: Record<string, unknown> = {}): StoredResource => ({
  urn: `urn:pulumi:lab::phoebe::command:local:Command::${script}`,
  type: "command:local:Command",
  inputs: { create: `node_modules/.bin/node operations/${script}.ts`, environment: { CLUSTER_ID: "id", ...environment }, ...more },
});
const removal = (environment: Record<string, string>) =>
  command("x", environment, { create: undefined, delete: "node_modules/.bin/node operations/remove-node.ts delete" });
const operations = operationsIn([
  command("reconfigure", { NODE_HOSTNAME: "c1", ENGINE: "pulumi", TALOS_CA: "ca" }, { stdin: "the config" }),
  command("reconfigure", { NODE_HOSTNAME: "c2" }),
  command("upgrade-kubernetes", { KUBERNETES_VERSION: "v1.36.3" }),
  removal({ NODE_HOSTNAME: "c1", NODE_ROLE: "controlplane" }),
  removal({ NODE_HOSTNAME: "w1", NODE_ROLE: "worker" }),
  command("guard-destroy", { CLUSTER_ID: "" }),
  { urn: "urn:other", type: "talos:machine/secrets:Secrets", inputs: {} },
]);

test("a script by hand is told what the stack tells it, but not that an engine started it", () => {
  expect(operationFor(operations, "reconfigure", "c1")).toEqual({
    verb: "reconfigure",
    hostname: "c1",
    environment: { CLUSTER_ID: "id", NODE_HOSTNAME: "c1", TALOS_CA: "ca" },
    stdin: "the config",
  });
  expect(operationFor(operations, "upgrade-kubernetes", undefined).environment).toEqual({
    CLUSTER_ID: "id",
    KUBERNETES_VERSION: "v1.36.3",
  });
});

test("a node is forgotten by what its removal knows", () => {
  expect(operationFor(operations, "forget-node", "c1")).toMatchObject({ verb: "forget-node", environment: { NODE_HOSTNAME: "c1" } });
});

test("a cluster is started by hand by what the removal of a control plane node knows: a bootstrap that failed has left nothing", () => {
  expect(operationFor(operations, "bootstrap", "c1")).toMatchObject({ verb: "bootstrap", environment: { NODE_HOSTNAME: "c1" } });
  expect(() => operationFor(operations, "bootstrap", "w1")).toThrow("runs no bootstrap for w1, but for c1");
});

test("what is not there is named, with what is", () => {
  expect(() => operationFor(operations, "reconfigure", "c9")).toThrow("the stack runs no reconfigure for c9, but for c1, c2");
  expect(() => operationFor(operations, "reconfigure", undefined)).toThrow("which node is meant? reconfigure is there for c1, c2");
  expect(() => operationFor(operations, "upgrade", "c1")).toThrow(
    /runs no upgrade; it runs\n {2}bootstrap +c1\n {2}forget-node +c1, w1\n {2}reconfigure +c1, c2\n/,
  );
  expect(listed(operations)).toContain("  upgrade-kubernetes");
});

test("the secrets of an exported state are read", () => {
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '{"key":["a"]}' };
  expect(revealed({ inputs: { environment: secret, other: [1] } })).toEqual({ inputs: { environment: { key: ["a"] }, other: [1] } });
});
