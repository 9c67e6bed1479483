/** What holds for a control plane node, beside what upgrade-talos.test.ts has of any. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readLines } from "./support/lines.ts";
import { controlPlane, database } from "./support/rolling.ts";
import { open, useUpgrades } from "./support/upgrades.ts";

const [c1, c2, c3] = ["127.207.36.1", "127.207.36.2", "127.207.36.3"] as const;
const cluster = await useUpgrades(c1, c2, c3);
beforeEach(() => {
  cluster.reset();
  cluster.put("c1");
});

const three = [
  { hostname: "c1", address: c1 },
  { hostname: "c2", address: c2 },
  { hostname: "c3", address: c3 },
];
const member = (i: number, version: string, boot: string, leader: number, count = 3) => ({
  ...controlPlane({ hostname: `c${i + 1}`, version, boot, discovered: [c1, c2, c3].slice(0, count) }, three.slice(0, count), i, leader),
  kubeconfig: cluster.kubeconfig,
});

test("a control plane node goes when every member is well, and another one leads", async () => {
  const rest = { [c2]: member(1, "v1.12.6", "x", 1), [c3]: member(2, "v1.12.6", "x", 1) };
  const led = { [c2]: member(1, "v1.12.6", "x", 0), [c3]: member(2, "v1.12.6", "x", 0) };
  cluster.world.talosctl(
    { until: "etcd forfeit-leadership", nodes: { ...led, [c1]: member(0, "v1.12.6", "boot-1", 0) } },
    ...cluster.going(c1, member(0, "v1.12.6", "boot-1", 1), member(0, "v1.13.3", "boot-2", 1), rest),
  );
  const { exitCode, stderr } = await cluster.upgrade("c1", c1);
  expect(stderr).toContain("it was asked to forfeit its leadership");
  expect(exitCode).toBe(0);
  expect(cluster.asked("etcd forfeit-leadership")).toHaveLength(1);
  expect(cluster.asked("etcd snapshot")).toEqual([]);
  expect(cluster.cordoned("c1")).toEqual(open);
});

test("one whose own API server does not run is drained through another that it knows", async () => {
  const rest = { [c1]: member(0, "v1.12.6", "x", 0), [c3]: member(2, "v1.12.6", "x", 0) };
  cluster.put("c2");
  cluster.world.talosctl(...cluster.going(c2, member(1, "v1.12.6", "boot-1", 0), member(1, "v1.13.3", "boot-2", 0), rest));
  const upgrading = cluster.upgrade("c2", c2);
  const { until } = readLines(upgrading.stderr);
  await until("c2 (127.207.36.2) to be healthy: its Kubernetes API");
  expect(cluster.api.requests).toContain("POST /api/v1/namespaces/default/pods/web/eviction");
  const returned = cluster.api.beside(c2);
  for (const [path, resource] of cluster.api.resources) returned.resources.set(path, resource);
  await returned.start();
  expect(await upgrading).toMatchObject({ exitCode: 0 });
  await returned.stop();
});

test("it waits while a member is not well, and then names it; nothing was cordoned", async () => {
  const silent = { [c2]: member(1, "v1.12.6", "x", 1), [c3]: { "etcd status": { code: 1, stderr: "connection refused" } } };
  cluster.world.talosctl({ nodes: { ...silent, [c1]: member(0, "v1.12.6", "boot-1", 1) } });
  const { exitCode, stderr } = await cluster.upgrade("c1", c1, { NODE_TIMEOUT: "1" });
  expect(stderr).toContain("c3 (127.207.36.3) does not answer: connection refused");
  expect(exitCode).toBe(1);
  expect(cluster.api.requests).toEqual([]);
});

test("under an alarm nothing goes, and how to end it is said", async () => {
  const alarm = { "etcd alarm list": { stdout: "NODE          MEMBER             ALARM\n127.207.36.1   2fe7a6bd1e0ab4b1   NOSPACE\n" } };
  const rest = { [c2]: member(1, "v1.12.6", "x", 1), [c3]: member(2, "v1.12.6", "x", 1) };
  cluster.world.talosctl({ nodes: { ...rest, [c1]: { ...member(0, "v1.12.6", "boot-1", 1), ...alarm } } });
  const { exitCode, stderr } = await cluster.upgrade("c1", c1, { NODE_TIMEOUT: "0.1" });
  expect(stderr).toMatch(/: alarm NOSPACE at member .*\. It is left as it is, and so are the others\. For NOSPACE: talosctl etcd defrag/);
  expect(stderr).toContain(`talosctl -n ${c1} etcd alarm disarm`);
  expect(exitCode).toBe(1);
  expect(cluster.api.requests).toEqual([]);
});

test("one of two members goes only where its owner says so", async () => {
  const nodes = { [c1]: member(0, "v1.12.6", "boot-1", 1, 2), [c2]: member(1, "v1.12.6", "x", 1, 2) };
  cluster.world.talosctl({ nodes });
  expect(await cluster.upgrade("c1", c1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("npx pulumi config set allowQuorumLoss true"),
  });
  expect(cluster.api.requests).toEqual([]);
});

test("the only member goes once a snapshot of it is verified and kept", async () => {
  const before = member(0, "v1.12.6", "boot-1", 0, 1);
  cluster.world.talosctl({ nodes: { [c1]: { ...before, "etcd snapshot": { writes: database(cluster.world.folder, false) } } } });
  expect(await cluster.upgrade("c1", c1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("its digest is not the one that etcd sent with it"),
  });
  expect(cluster.cordoned("c1")).toEqual(open);
  expect(readdirSync(join(cluster.world.folder, "backups"))).toEqual([]);

  cluster.world.talosctl(
    ...cluster.going(
      c1,
      { ...before, "etcd snapshot": { writes: database(cluster.world.folder, true) } },
      member(0, "v1.13.3", "boot-2", 0, 1),
      {},
    ),
  );
  expect(await cluster.upgrade("c1", c1)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("an etcd snapshot is in") });
  const [file = ""] = readdirSync(join(cluster.world.folder, "backups"));
  expect(file).toMatch(/^phoebe-\d{8}T\d{6}Z-before-c1-goes\.db$/);
  expect(statSync(join(cluster.world.folder, "backups", file)).mode & 0o777).toBe(0o600);
  expect(cluster.asked("etcd forfeit-leadership")).toEqual([]);
});

test("a control plane node that is no member needs no gate and has nothing to drain", async () => {
  const waiting = (version: string, boot: string) => controlPlane({ hostname: "c1", version, boot });
  cluster.world.talosctl(...cluster.going(c1, waiting("v1.12.6", "boot-1"), waiting("v1.13.3", "boot-2"), {}));
  expect(await cluster.upgrade("c1", c1)).toMatchObject({ exitCode: 0 });
  expect(cluster.api.requests).toEqual([]);
});
