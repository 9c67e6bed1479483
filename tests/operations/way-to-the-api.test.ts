import { beforeEach, expect, test } from "vitest";
import { cordonMark } from "../../operations/lib/kubernetes/cordon.ts";
import { nodeIn, podsIn, worker } from "./support/rolling.ts";
import { useUpgrades } from "./support/upgrades.ts";
import { prints } from "./support/world.ts";

// A worker that a killed run left cordoned is proved and opened: by whose Kubernetes API?
const [c1, c2, w1] = ["127.207.33.1", "127.207.33.2", "127.207.33.11"] as const;
const cluster = await useUpgrades(c1, c2, w1);
const mark = { [cordonMark]: "upgrade-talos" };
beforeEach(() => {
  const { world, api } = cluster;
  cluster.reset();
  world.set({ [c1]: "ours", [w1]: "ours" }); // c2 hangs up
  api.resources.set("/api/v1/pods", podsIn());
  api.resources.set("/api/v1/nodes/w1", nodeIn("w1", "boot-1", { unschedulable: true }, mark));
});

/** What the worker knows of the control plane, by where Talos there has it from. */
const knowing = (endpoints: Record<string, string[]>) => {
  const node = { ...worker({ hostname: "w1", version: "v1.13.3", annotations: mark }), "get endpoints": prints.endpoints(endpoints) };
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: node } });
};
const finish = (endpoint: string, timeout = "20") =>
  cluster.upgrade("w1", w1, { ENDPOINT: endpoint, DRAIN_TIMEOUT: "5", NODE_TIMEOUT: timeout });
const done = { exitCode: 0, stdout: expect.stringContaining("is back at its work") };
const nobody = "https://127.207.33.200:6443";

test("by that of a node that Kubernetes itself names: no discovery and no endpoint is needed", async () => {
  knowing({ discovery: [], "kube-apiserver": [c1], controlplane: ["127.207.33.200"] });
  expect(await finish(nobody)).toMatchObject(done);
});

test("by one that discovery names where that one cannot be reached", async () => {
  knowing({ controlplane: ["127.207.33.200"], discovery: [c1], "kube-apiserver": [c2] });
  expect(await finish(nobody)).toMatchObject(done);
});

test("by the endpoint's where the node knows nobody", async () => {
  knowing({});
  expect(await finish(`https://${c1}:6443`)).toMatchObject(done);
});

test("by none where none answers: each is named", async () => {
  knowing({ "kube-apiserver": [c2] });
  const { exitCode, stderr } = await finish(nobody, "0.2");
  expect(stderr).toMatch(/no Kubernetes API answers \(127\.207\.33\.2: .*; 127\.207\.33\.200: .*\)/);
  expect(exitCode).toBe(1);
});
