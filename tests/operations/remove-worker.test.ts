import { describe, expect, test } from "vitest";
import { nodeObject } from "./support/api-server.ts";
import { called, resetting, useRemovals, wipe } from "./support/removals.ts";
import { nodeIn, podsIn } from "./support/rolling.ts";
import { type Answer, answers, prints } from "./support/world.ts";

const [c1, c2, w1] = ["127.207.6.1", "127.207.6.2", "127.207.6.11"] as const;
const { world, api, kubeconfig, remove, resets, changes } = await useRemovals(c1, c2, w1);

describe("a worker", () => {
  test("is drained, reset, and its Node deleted through the control plane", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl(...resetting(w1, { [w1]: called("w1"), [c1]: { kubeconfig } }));
    const { exitCode, stdout, stderr } = await remove("w1", w1);
    expect(stderr).toMatch(/phoebe: draining node w1\n(.*\n)*phoebe: resetting w1 \(127\.207\.6\.11\)$/);
    expect(stdout).toBe("w1 (127.207.6.11) was reset; its Kubernetes Node was deleted.");
    expect(exitCode).toBe(0);
    expect(resets()).toEqual([`${w1} reset --graceful=true ${wipe}`]);
    expect(changes()).toEqual([
      "PATCH /api/v1/nodes/w1",
      "POST /api/v1/namespaces/default/pods/web/eviction",
      "DELETE /api/v1/nodes/w1",
      "PATCH /api/v1/namespaces/kube-system/configmaps/phoebe-forgotten",
    ]);

    // Killed before its end, and run again:
    expect(await remove("w1", w1)).toMatchObject({
      exitCode: 0,
      stdout: "w1 (127.207.6.11) was in maintenance mode already; its Kubernetes Node was already gone.",
    });
  });

  test("whose pods a budget holds stays, uncordoned again, and the budget is named", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl({ nodes: { [w1]: called("w1"), [c1]: { kubeconfig } } });
    api.budgets.set("web", "The disruption budget web needs 1 healthy pods and has 1 currently");
    const { exitCode, stderr } = await remove("w1", w1, { DRAIN_TIMEOUT: "0.1" });
    expect(stderr).toMatch(/default\/web: .*The disruption budget web needs 1 healthy pods/);
    expect(exitCode).toBe(1);
    expect(resets()).toEqual([]);
    expect(api.resources.get("/api/v1/nodes/w1")).toMatchObject({ spec: {}, metadata: { annotations: {} } });
  });

  const evictions = () => api.requests.filter((request) => request.startsWith("POST"));

  test("whose kubelet is gone for a while is drained within budgets, but nobody is waited for", async () => {
    const dead = { ...called("w1"), "service kubelet": prints.service("Failed", "Fail") };
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl(...resetting(w1, { [w1]: dead, [c1]: { kubeconfig } }));
    api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
    api.lingering.add("web");
    const { exitCode, stderr } = await remove("w1", w1);
    expect(stderr).toMatch(
      /evicted, but not waited for, since .* w1 ends a pod: default\/web \(its kubelet is Failed, health Fail, and its Node: Ready is False/,
    );
    expect(stderr).toMatch(/phoebe: draining node w1\n(.*\n)*phoebe: resetting w1/);
    expect(exitCode).toBe(0);
    expect(evictions()).toHaveLength(1);

    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl({ nodes: { [w1]: dead, [c1]: { kubeconfig } } });
    api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
    api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet" }));
    api.budgets.set("web", "The disruption budget web needs 1 healthy pods and has 1 currently");
    expect(await remove("w1", w1, { DRAIN_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("needs 1 healthy"),
    });
    expect(resets()).toEqual([]);
    expect(api.resources.get("/api/v1/nodes/w1")).toMatchObject({ spec: {}, metadata: { annotations: {} } });
  });

  test("that is not Ready, or whose kubelet is ill, at one look is drained all the same", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    const [ill, well] = [prints.service("Waiting"), prints.service("Running", "OK")];
    const nodes = (kubelet: Answer) => ({ [w1]: { ...called("w1"), "service kubelet": kubelet }, [c1]: { kubeconfig } });
    world.talosctl({ until: "service kubelet", nodes: nodes(ill) }, ...resetting(w1, nodes(well)));
    api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
    api.lingering.add("web");
    expect(await remove("w1", w1, { DRAIN_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /its kubelet is Waiting.*(.*\n)*.*default\/web evicted, and not ended yet\. .*a-node-that-is-not-drained/,
      ),
    });
    expect(evictions()).toHaveLength(1);
    expect(resets()).toEqual([]);
  });

  test("is drained wherever its pods may go then: it does not come back", async () => {
    world.set({ [w1]: "ours", [c1]: "ours" });
    world.talosctl(...resetting(w1, { [w1]: called("w1"), [c1]: { kubeconfig } }));
    api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn("c1", "x", { unschedulable: true }), nodeIn("w1", "boot-1")] });
    expect(await remove("w1", w1)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("draining node w1") });
    expect(evictions()).toHaveLength(1);
  });
});

test("without the word delete it does nothing", async () => {
  world.talosctl({ nodes: {} });
  expect(await world.run("remove-node", {})).toMatchObject({ exitCode: 2 });
  expect(world.calls).toEqual([]);
});

test("a Node that nobody can delete is a failure, since it would stay", async () => {
  world.set({ [w1]: "maintenance" }); // c1 and c2 hang up
  world.talosctl({ nodes: { [w1]: answers.maintenance } });
  const { exitCode, stderr } = await remove("w1", w1, { NODE_TIMEOUT: "0.1" });
  expect(stderr).toMatch(/waiting for a control plane node that deletes the Kubernetes Node w1: c1 .*; c2 .*/);
  expect(exitCode).toBe(1);
});
