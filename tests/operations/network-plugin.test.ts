import { beforeEach, expect, test } from "vitest";
import { nodeObject } from "./support/api-server.ts";
import { readLines } from "./support/lines.ts";
import { nodeIn, podsIn, worker } from "./support/rolling.ts";
import { useUpgrades } from "./support/upgrades.ts";
import { prints } from "./support/world.ts";

const [c1, w1] = ["127.207.31.1", "127.207.31.11"] as const;
const cluster = await useUpgrades(c1, w1);
const { api } = cluster;
beforeEach(() => cluster.reset());

/** The pods of a cluster: an application's on w1, and a network plugin's on the nodes named. */
const pods = (...plugged: string[]) => {
  const [plugin, web] = podsIn({ web: "ReplicaSet" }).items;
  const on = (pod: typeof web, nodeName: string) => pod && { ...pod, spec: { ...pod.spec, nodeName } };
  return { kind: "PodList", apiVersion: "v1", items: [on(web, "w1"), ...plugged.map((name) => on(plugin, name))] };
};
const upgrade = () => cluster.upgrade("w1", w1, { NODE_TIMEOUT: "60" });
const going = () => {
  const node = { hostname: "w1", discovered: [c1] };
  const kubelet = { "service kubelet": prints.service("Running", "OK") };
  cluster.world.talosctl(...cluster.going(w1, { ...worker(node), ...kubelet }, worker({ ...node, version: "v1.13.3", boot: "boot-2" })));
};
const evictions = () => api.requests.filter((line) => line.startsWith("POST"));

test("a node whose own network pod is just being replaced is drained, and afterwards waited for", async () => {
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn("w1", "boot-2"), nodeIn("w2", "x")] });
  api.resources.set("/api/v1/nodes/w1", nodeIn("w1", "boot-1"));
  api.resources.set("/api/v1/pods", pods("w2"));
  going();
  const upgraded = upgrade();
  const { until } = readLines(upgraded.stderr);
  await until("w1 (127.207.31.11) to be healthy: the Node w1 has not reported since the boot");
  const node = api.resources.get("/api/v1/nodes/w1") as ReturnType<typeof nodeIn>;
  api.resources.set("/api/v1/nodes/w1", { ...node, status: nodeIn("w1", "boot-2").status });
  await until("w1 (127.207.31.11) to be healthy: no pod of a network plugin is there yet");
  api.resources.set("/api/v1/pods", pods("w1", "w2"));
  expect(await upgraded).toMatchObject({ exitCode: 0 });
  expect(evictions()).toEqual(["POST /api/v1/namespaces/default/pods/web/eviction"]);
});

test("before the cluster has a network nothing is drained, and no node waited for to be Ready", async () => {
  const notReady = nodeObject("w1", "False");
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [notReady, nodeObject("w2", "False")] });
  api.resources.set("/api/v1/nodes/w1", notReady);
  api.resources.set("/api/v1/pods", pods());
  going();
  expect(await upgrade()).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("no other node that is Ready and schedulable") });
  expect(evictions()).toEqual([]);
});
