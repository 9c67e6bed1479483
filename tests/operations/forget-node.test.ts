import { beforeEach, describe, expect, test } from "vitest";
import { nodeObject } from "./support/api-server.ts";
import { useCluster } from "./support/cluster.ts";
import { nodeIn } from "./support/rolling.ts";
import { answers, type EtcdMember, prints } from "./support/world.ts";

const [c1, c2, c3] = ["127.207.13.1", "127.207.13.2", "127.207.13.3"] as const;
const marks = "/api/v1/namespaces/kube-system/configmaps/phoebe-forgotten";
const { world, api, kubeconfig } = await useCluster(c1, c2, c3);
beforeEach(() => {
  api.requests.length = 0;
  api.resources.clear();
  api.resources.set("/api/v1/nodes/c3", nodeObject("c3", "False"));
});

const control = [c1, c2, c3].map((address, i) => ({ hostname: `c${i + 1}`, address }));
const forget = (words: string, variables: Record<string, string> = {}) =>
  world.run(`forget-node ${words}`.trim(), {
    NODE_HOSTNAME: "c3",
    NODE_ADDRESS: c3,
    NODE_ROLE: "controlplane",
    NODE_GENERATION: "2",
    CONTROL_PLANE: JSON.stringify(control),
    NODE_TIMEOUT: "20", // silence of 2 s counts
    ...variables,
  });
const peer = (own: number, members: EtcdMember[]) => ({
  ...answers.member,
  kubeconfig,
  "get members": {},
  "etcd members": prints.members(...members),
  "etcd status": prints.etcdStatus(own, 0),
  "etcd remove-member": {},
});
const removed = () =>
  world.calls.filter(({ words }) => words.startsWith("etcd remove-member")).map(({ address, words }) => `${address} ${words}`);
const changes = () => api.requests.filter((request) => !request.startsWith("GET"));

test("a machine that a person says is lost goes out of etcd and Kubernetes, and is remembered as lost", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  world.talosctl(
    { until: "etcd remove-member", nodes: { [c1]: peer(0, control), [c2]: peer(1, control) } },
    { nodes: { [c1]: peer(0, control.slice(0, 2)), [c2]: peer(1, control.slice(0, 2)) } },
  );
  const { exitCode, stdout, stderr } = await forget("--lost c3");
  expect(stdout, stderr).toMatch(
    /^c3 \(127\.207\.13\.3\) is forgotten: its etcd member was removed; its Kubernetes Node was deleted\. Now take it out/,
  );
  expect(exitCode).toBe(0);
  expect(removed()).toEqual([`${c1} etcd remove-member 3fe7a6bd1e0ab4b1`]);
  expect(api.resources.has("/api/v1/nodes/c3")).toBe(false);
  const { data } = api.resources.get(marks) as { data: Record<string, string> };
  expect(JSON.parse(data.c3 ?? "")).toEqual({ address: c3, generation: 2, since: expect.any(String) });

  // Again, it finds all done.
  expect(await forget("--lost c3")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("its Kubernetes Node was already gone") });
  expect(removed()).toHaveLength(1);
});

describe("nothing is changed", () => {
  test.each([
    ["", "nobody has said so"],
    ["--lost c2", "--lost says c2"],
  ])("without a person's word: %j", async (words, message) => {
    world.talosctl({ nodes: {} });
    expect(await forget(words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
    expect(world.calls).toEqual([]);
  });

  test("while the machine answers", async () => {
    world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours" });
    world.talosctl({ nodes: { [c1]: peer(0, control), [c2]: peer(1, control), [c3]: {} } });
    expect(await forget("--lost c3")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is not lost. It answers") });
    world.set({ [c1]: "ours", [c2]: "ours", [c3]: "maintenance" });
    world.talosctl({ nodes: { [c1]: peer(0, control), [c2]: peer(1, control), [c3]: answers.maintenance } });
    expect(await forget("--lost c3")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("raise its generation") });
    expect([...removed(), ...changes()]).toEqual([]);
  });

  test("while its kubelet reports", async () => {
    world.set({ [c1]: "ours", [c2]: "ours" });
    world.talosctl({ nodes: { [c1]: peer(0, control), [c2]: peer(1, control) } });
    api.resources.set("/api/v1/nodes/c3", nodeIn("c3", "boot-1"));
    expect(await forget("--lost c3", { NODE_TIMEOUT: "0.5" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("its kubelet reported"),
    });
    expect([...removed(), ...changes()]).toEqual([]);
  });

  test("that would cost etcd its quorum", async () => {
    world.set({ [c1]: "ours" });
    world.talosctl({ nodes: { [c1]: peer(0, control) } });
    expect(await forget("--lost c3", { NODE_TIMEOUT: "6" })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("etcd would lose its quorum"),
    });
    expect([...removed(), ...changes()]).toEqual([]);
  });

  test("where it is not plain which member is meant", async () => {
    const members = [...control.slice(0, 2), { hostname: "c3", address: "127.207.13.9" }, { hostname: "", address: c3 }];
    world.set({ [c1]: "ours", [c2]: "ours" });
    world.talosctl({ nodes: { [c1]: peer(0, members), [c2]: peer(1, members) } });
    expect(await forget("--lost c3")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("it could be c3 (127.207.13.9) or unnamed (127.207.13.3)"),
    });
    expect([...removed(), ...changes()]).toEqual([]);
  });
});
