import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { called, member, useRemovals } from "./support/removals.ts";
import { nodeIn } from "./support/rolling.ts";
import { prints } from "./support/world.ts";

// The node that is to be removed is not at its address.
const [c1, c2, w1] = ["127.207.61.1", "127.207.61.2", "127.207.61.11"] as const;
const { world, api, kubeconfig, members, remove, resets, changes } = await useRemovals(c1, c2, w1);
const [m1, m2] = members;

test("another machine at its address is left alone", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: called("w2") } });
  expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is left alone: the machine at that address is now w2"),
  });
  world.set({ [w1]: "foreign" });
  expect(await remove("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is left alone: its certificate is from another CA"),
  });
  expect(resets()).toEqual([]);
});

describe("a name that was declared for another node's address, and taken back", () => {
  // w9 was to be the name of w1, and c9 that of c2.
  const told = (hostname: string) => ({ ...called(hostname), "get nodename": prints.spec({ nodename: hostname }) });
  const cluster = { [c1]: member(0, m1, m2), [c2]: { ...told("c2"), ...member(1, m1, m2) }, [w1]: told("w1") };
  const control = JSON.stringify([
    { hostname: "c1", address: c1 },
    { hostname: "c9", address: c2 },
  ]);
  beforeEach(() => {
    world.set({ [c1]: "ours", [c2]: "ours", [w1]: "ours" });
    world.talosctl({ nodes: { ...cluster, [c1]: { ...cluster[c1], kubeconfig } } }); // which is only there by now
  });

  test("leaves nothing to remove where neither etcd nor Kubernetes knows it", async () => {
    expect(await remove("w9", w1)).toMatchObject({
      exitCode: 0,
      stdout: "Nothing was removed: nobody is called w9, and w1 stays at 127.207.61.11.",
    });
    expect(await remove("c9", c2, { CONTROL_PLANE: control })).toMatchObject({
      exitCode: 0,
      stdout: "Nothing was removed: nobody is called c9, and c2 stays at 127.207.61.2.",
    });
  });

  test("is a node's where Kubernetes knows it, or does not know the machine either", async () => {
    api.resources.set("/api/v1/nodes/w9", nodeIn("w9", "boot-1"));
    expect(await remove("w9", w1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Kubernetes knows a Node w9 still") });
    api.resources.delete("/api/v1/nodes/w9");
    api.resources.delete("/api/v1/nodes/w1");
    expect(await remove("w9", w1, { NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Kubernetes knows no Node w1 either"),
    });
  });

  test("is a node's where etcd knows it, or does not say", async () => {
    const c9 = { ...m2, hostname: "c9" };
    world.talosctl({ nodes: { ...cluster, [c1]: { kubeconfig, ...member(0, m1, c9) }, [c2]: { ...cluster[c2], ...member(1, m1, c9) } } });
    expect(await remove("c9", c2, { CONTROL_PLANE: control })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("etcd knows a member of that name or address still"),
    });
    world.talosctl({ nodes: { [c2]: cluster[c2] } });
    expect(await remove("c9", c2, { CONTROL_PLANE: control, NODE_TIMEOUT: "0.1" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("is left alone: the machine at that address is now c2"),
    });
  });

  afterEach(() => {
    expect(resets()).toEqual([]);
    expect(changes()).toEqual([]);
  });
});

describe("a machine that does not answer", () => {
  const gone = () => api.resources.delete("/api/v1/nodes/w1");
  const mark = (generation: number) =>
    api.resources.set("/api/v1/namespaces/kube-system/configmaps/phoebe-forgotten", {
      metadata: { name: "phoebe-forgotten" },
      data: { w1: JSON.stringify({ address: w1, generation }) },
    });

  test("fails, with what to do when it is lost", async () => {
    world.set({});
    world.talosctl({ nodes: {} });
    const { exitCode, stderr } = await remove("w1", w1, { NODE_TIMEOUT: "0.1" });
    expect(stderr).toContain("say so with npm run operation -- forget-node w1 --lost w1, then run this again");
    expect(exitCode).toBe(1);
  });

  test("is gone when a person has said so and the cluster does not know it, and only then", async () => {
    world.set({ [c1]: "ours" });
    world.talosctl({ nodes: { [c1]: { kubeconfig, ...member(0, m1) } } });
    mark(1);
    expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" }), "its Node is there").toMatchObject({ exitCode: 1 });
    gone();
    mark(0);
    expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" }), "another machine was said to be lost").toMatchObject({ exitCode: 1 });
    mark(1);
    expect(await remove("w1", w1)).toMatchObject({
      exitCode: 0,
      stdout: "w1 (127.207.61.11) is lost, as a person said; its Kubernetes Node was already gone.",
    });
    expect(api.resources.get("/api/v1/namespaces/kube-system/configmaps/phoebe-forgotten")).toMatchObject({ data: {} });
    expect(await remove("w1", w1, { NODE_TIMEOUT: "0.1" }), "nobody says so").toMatchObject({ exitCode: 1 });
  });
});
