import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { cordonMark } from "../../operations/lib/cordon.ts";
import type { ApiServer } from "./support/api-server.ts";
import { startCluster } from "./support/cluster.ts";
import { controlPlane, database, nodeIn, otherSchematic, podsIn, schematic, worker } from "./support/rolling.ts";
import { type Answer, type Phase, prints, type World } from "./support/world.ts";

const [c1, c2, c3, w1] = ["127.207.27.1", "127.207.27.2", "127.207.27.3", "127.207.27.11"] as const;
const image = "factory.talos.dev/metal-installer/aaa:v1.13.3";
let world: World;
let api: ApiServer;
let kubeconfig: Answer;
/** The control plane as a worker's script asks it: its Kubernetes API only. */
let peers: Phase["nodes"];
beforeAll(async () => {
  const cluster = await startCluster(c1, c2, c3, w1);
  ({ world, api, kubeconfig } = cluster);
  peers = { [c1]: { kubeconfig } };
  return cluster.stop;
});
beforeEach(() => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours", [w1]: "ours" });
  api.requests.length = 0;
  api.budgets.clear();
  api.clinging.clear();
  api.resources.set("/readyz", {});
  api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet" }));
  put("w1");
});

/** The Node that is asked about; another one could take its pods. */
function put(name: string, spec: object = {}, annotations: object = {}): void {
  api.resources.set(`/api/v1/nodes/${name}`, nodeIn(name, "boot-2", spec, annotations));
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn(name, "boot-2"), nodeIn("w2", "x")] });
}
const cordoned = (name: string) => {
  const { spec, metadata } = api.resources.get(`/api/v1/nodes/${name}`) as ReturnType<typeof nodeIn>;
  return { unschedulable: "unschedulable" in spec, mark: (metadata.annotations as Record<string, string>)[cordonMark] };
};
const open = { unschedulable: false, mark: undefined };
const byUs = { unschedulable: true, mark: "upgrade-talos" };

const upgrade = (hostname: string, address: string, variables: Record<string, string> = {}) =>
  world.run("upgrade-talos", {
    NODE_HOSTNAME: hostname,
    NODE_ADDRESS: address,
    NODE_ROLE: hostname.startsWith("c") ? "controlplane" : "worker",
    TALOS_VERSION: "v1.13.3",
    SCHEMATIC_ID: schematic,
    INSTALLER_IMAGE: image,
    ENDPOINT: "https://127.207.27.200:6443",
    BACKUP_DIR: join(world.folder, "backups"),
    DRAIN_TIMEOUT: "20",
    ...variables,
  });
const asked = (words: string) => world.calls.filter((call) => call.words.startsWith(words)).map((call) => call.words);
const old = worker({ hostname: "w1", discovered: [c1] });
const neu = worker({ hostname: "w1", discovered: [c1], version: "v1.13.3", boot: "boot-2" });
/** Until it is upgraded the node answers as it was, then as it has become. */
const going = (address: string, before: Record<string, Answer>, after: Record<string, Answer>, rest: Phase["nodes"] = peers): Phase[] => [
  { until: "upgrade", nodes: { ...rest, [address]: before } },
  { nodes: { ...rest, [address]: after } },
];

test("a worker is drained, upgraded, proved and opened again", async () => {
  world.talosctl(...going(w1, old, neu));
  const { exitCode, stdout, stderr } = await upgrade("w1", w1);
  expect(stderr).toContain("draining node w1");
  expect(stdout).toMatch(/^w1 \(127.207.27.11\) went from Talos v1.12.6 with schematic a+… to Talos v1.13.3 with schematic a+…\.$/);
  expect(exitCode).toBe(0);
  expect(asked("upgrade")).toEqual([`upgrade --image ${image} --drain=false --wait=false`]);
  expect(asked("image pull")).toEqual([`image pull --namespace system ${image}`]);
  const [cordon, evict, uncordon] = api.requests.filter((line) => !line.startsWith("GET"));
  expect([cordon, evict, uncordon]).toEqual([
    "PATCH /api/v1/nodes/w1",
    "POST /api/v1/namespaces/default/pods/web/eviction",
    "PATCH /api/v1/nodes/w1",
  ]);
  expect(cordoned("w1")).toEqual(open);
});

test("a node as declared asks nobody else and is left alone", async () => {
  world.talosctl({ nodes: { [w1]: neu } });
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.27.11) runs Talos v1.13.3 already." });
  expect(api.requests).toEqual([]);
  world.set({ [w1]: "maintenance" });
  world.talosctl({ nodes: { [w1]: { "get machinestatus": prints.spec({ stage: "maintenance" }) } } });
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("in maintenance mode") });
});

test("what a killed run left is finished: the node is proved and opened", async () => {
  put("w1", { unschedulable: true }, { [cordonMark]: "upgrade-talos" });
  world.talosctl({
    nodes: {
      ...peers,
      [w1]: worker({
        ...{ hostname: "w1", discovered: [c1], version: "v1.13.3", boot: "boot-2" },
        annotations: { [cordonMark]: "upgrade-talos" },
      }),
    },
  });
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("and is back at its work") });
  expect(cordoned("w1")).toEqual(open);
  expect(asked("upgrade")).toEqual([]);
});

test("a run killed between the cordon and the upgrade is begun again; one killed in the reboot waits for it", async () => {
  put("w1", { unschedulable: true }, { [cordonMark]: "upgrade-talos" });
  world.talosctl(...going(w1, old, neu));
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 0 });
  expect(cordoned("w1")).toEqual(open);

  put("w1", { unschedulable: true }, { [cordonMark]: "upgrade-talos" });
  const leaving = worker({ hostname: "w1", stage: "rebooting" });
  const back = worker({
    hostname: "w1",
    discovered: [c1],
    version: "v1.13.3",
    boot: "boot-2",
    annotations: { [cordonMark]: "upgrade-talos" },
  });
  world.talosctl({ until: "get machinestatus", nodes: { ...peers, [w1]: leaving } }, { nodes: { ...peers, [w1]: back } });
  const { stderr, exitCode } = await upgrade("w1", w1);
  expect(stderr).toContain("it is rebooting");
  expect(exitCode).toBe(0);
  expect(asked("upgrade")).toEqual([]);
  expect(cordoned("w1")).toEqual(open);
});

test("a person's cordon stays a person's", async () => {
  put("w1", { unschedulable: true });
  world.talosctl(...going(w1, old, neu));
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 0 });
  expect(cordoned("w1")).toEqual({ unschedulable: true, mark: undefined });
});

test("a jump, a way back and a Kubernetes too old are refused together, before anything is pulled", async () => {
  world.talosctl({ nodes: { ...peers, [w1]: worker({ hostname: "w1", version: "v1.11.3", kubernetes: "v1.30.1" }) } });
  const { exitCode, stderr } = await upgrade("w1", w1);
  expect(stderr).toContain("first v1.12.x, then v1.13.3");
  expect(stderr).toContain("upgrade Kubernetes before it, with talosVersion v1.11.3: to v1.31.x");
  expect(exitCode).toBe(1);
  world.talosctl({ nodes: { ...peers, [w1]: neu } });
  expect(await upgrade("w1", w1, { TALOS_VERSION: "v1.13.2" })).toMatchObject({ stderr: expect.stringContaining("allowDowngrade") });
  expect(asked("image pull")).toEqual([]);
  expect(api.requests).toEqual([]);
});

test("an image that cannot be pulled or installed leaves the node open, where it was", async () => {
  const refused = { code: 1, stderr: "error pulling image: denied" };
  world.talosctl({ nodes: { ...peers, [w1]: { ...old, "image pull": refused } } });
  expect(await upgrade("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /cannot pull factory.talos.dev\/metal-installer\/aaa:v1.13.3: error pulling image: denied\. .* reach factory.talos.dev,/,
    ),
  });
  expect(api.requests).toEqual([]);

  world.talosctl({ nodes: { ...peers, [w1]: { ...old, upgrade: { code: 1, stderr: "upgrade failed with exit code 1" } } } });
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("did not install") });
  expect(cordoned("w1")).toEqual(open);
});

test("a budget that blocks is named when the drain gives up, and its cordon is taken back", async () => {
  api.budgets.set("web", "The disruption budget web needs 2 healthy pods and has 2 currently");
  world.talosctl({ nodes: { ...peers, [w1]: old } });
  const { exitCode, stderr } = await upgrade("w1", w1, { DRAIN_TIMEOUT: "1" });
  expect(stderr).toMatch(
    /upgrade-talos: Waited \d s for the pods of node w1 to leave: default\/web: Cannot evict .* The disruption budget web needs 2/,
  );
  expect(exitCode).toBe(1);
  expect(cordoned("w1")).toEqual(open);
  expect(asked("upgrade")).toEqual([]);
});

test("pods that nothing would start again are named and kept", async () => {
  api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet", alone: undefined }));
  world.talosctl({ nodes: { ...peers, [w1]: old } });
  const { stderr } = await upgrade("w1", w1);
  expect(stderr).toContain("no controller would start these pods again: default/alone");
  expect(api.requests.filter((line) => line.startsWith("POST"))).toEqual([]);
  expect(cordoned("w1")).toEqual(open);
});

test("a pod that comes back in spite of the cordon is evicted once", async () => {
  api.clinging.add("web");
  world.talosctl(...going(w1, old, neu));
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 0 });
  expect(api.requests.filter((line) => line.startsWith("POST"))).toHaveLength(1);
});

test("nothing is drained where nothing could take the pods", async () => {
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn("w1", "boot-2"), nodeIn("w2", "x", { unschedulable: true })] });
  world.talosctl(...going(w1, old, neu));
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("no other node is Ready and schedulable") });
  expect(api.requests.filter((line) => line.startsWith("POST"))).toEqual([]);
});

test("a node that falls back, or comes back with another schematic, ends the rollout at once and is not tried again", async () => {
  for (const [after, words] of [
    [worker({ hostname: "w1", discovered: [c1], boot: "boot-2" }), "runs Talos v1.12.6 .* it fell back to what it ran before"],
    [
      worker({ hostname: "w1", discovered: [c1], version: "v1.13.3", schematic: otherSchematic, boot: "boot-2" }),
      "something else was installed",
    ],
  ] as const) {
    put("w1");
    world.talosctl(...going(w1, old, after));
    const { exitCode, stderr } = await upgrade("w1", w1);
    expect(stderr).toMatch(new RegExp(`upgrade-talos: .*${words}.*no further node was touched`));
    expect(exitCode).toBe(1);
    expect(asked("upgrade")).toHaveLength(1);
    expect(cordoned("w1")).toEqual(open);
  }
});

test("a node that does not come back, or comes back empty, stays cordoned", async () => {
  world.talosctl({ nodes: { ...peers, [w1]: old } });
  expect(await upgrade("w1", w1, { NODE_TIMEOUT: "1" })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("it has not rebooted yet. No further node was touched"),
  });
  expect(cordoned("w1")).toEqual(byUs);

  world.talosctl(
    { until: "upgrade", after: [[w1, "maintenance"]], nodes: { ...peers, [w1]: old } },
    { nodes: { [w1]: { "get machinestatus": prints.spec({ stage: "maintenance" }) } } },
  );
  expect(await upgrade("w1", w1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("came back empty, in maintenance mode") });
  expect(cordoned("w1")).toEqual(byUs);
});

const three = [
  { hostname: "c1", address: c1 },
  { hostname: "c2", address: c2 },
  { hostname: "c3", address: c3 },
];
const member = (i: number, version: string, boot: string, leader: number, count = 3) => ({
  ...controlPlane({ hostname: `c${i + 1}`, version, boot }, three.slice(0, count), i, leader),
  kubeconfig,
});

test("a control plane node goes when every member is well, and another one leads", async () => {
  put("c1");
  const rest = { [c2]: member(1, "v1.12.6", "x", 1), [c3]: member(2, "v1.12.6", "x", 1) };
  const led = { [c2]: member(1, "v1.12.6", "x", 0), [c3]: member(2, "v1.12.6", "x", 0) };
  world.talosctl(
    { until: "etcd forfeit-leadership", nodes: { ...led, [c1]: member(0, "v1.12.6", "boot-1", 0) } },
    ...going(c1, member(0, "v1.12.6", "boot-1", 1), member(0, "v1.13.3", "boot-2", 1), rest),
  );
  const { exitCode, stderr } = await upgrade("c1", c1);
  expect(stderr).toContain("it was asked to forfeit its leadership");
  expect(exitCode).toBe(0);
  expect(asked("etcd forfeit-leadership")).toHaveLength(1);
  expect(asked("etcd snapshot")).toEqual([]);
  expect(cordoned("c1")).toEqual(open);
});

test("it waits while a member is not well, and then names it; nothing was cordoned", async () => {
  put("c1");
  const silent = { [c2]: member(1, "v1.12.6", "x", 1), [c3]: { "etcd status": { code: 1, stderr: "connection refused" } } };
  world.talosctl({ nodes: { ...silent, [c1]: member(0, "v1.12.6", "boot-1", 1) } });
  const { exitCode, stderr } = await upgrade("c1", c1, { NODE_TIMEOUT: "1" });
  expect(stderr).toContain("c3 (127.207.27.3) does not answer: connection refused");
  expect(exitCode).toBe(1);
  expect(api.requests).toEqual([]);
});

test("one of two members goes only where its owner says so", async () => {
  put("c1");
  const nodes = { [c1]: member(0, "v1.12.6", "boot-1", 1, 2), [c2]: member(1, "v1.12.6", "x", 1, 2) };
  world.talosctl({ nodes });
  expect(await upgrade("c1", c1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("pulumi config set allowQuorumLoss true") });
  expect(api.requests).toEqual([]);
});

test("the only member goes once a snapshot of it is verified and kept", async () => {
  put("c1");
  const before = member(0, "v1.12.6", "boot-1", 0, 1);
  world.talosctl({ nodes: { [c1]: { ...before, "etcd snapshot": { writes: database(world.folder, false) } } } });
  expect(await upgrade("c1", c1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("its digest is not the one that etcd sent with it"),
  });
  expect(cordoned("c1")).toEqual(open);
  expect(readdirSync(join(world.folder, "backups"))).toEqual([]);

  world.talosctl(
    ...going(c1, { ...before, "etcd snapshot": { writes: database(world.folder, true) } }, member(0, "v1.13.3", "boot-2", 0, 1), {}),
  );
  expect(await upgrade("c1", c1)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("an etcd snapshot is in") });
  const [file = ""] = readdirSync(join(world.folder, "backups"));
  expect(file).toMatch(/^phoebe-\d{8}T\d{6}Z-before-c1-goes\.db$/);
  expect(statSync(join(world.folder, "backups", file)).mode & 0o777).toBe(0o600);
  expect(asked("etcd forfeit-leadership")).toEqual([]);
});

test("a control plane node that is no member needs no gate and has nothing to drain", async () => {
  const waiting = (version: string, boot: string) => controlPlane({ hostname: "c1", version, boot });
  world.talosctl(...going(c1, waiting("v1.12.6", "boot-1"), waiting("v1.13.3", "boot-2"), {}));
  expect(await upgrade("c1", c1)).toMatchObject({ exitCode: 0 });
  expect(api.requests).toEqual([]);
});

test("another node at its address is left alone", async () => {
  world.talosctl({ nodes: { [w1]: worker({ hostname: "w2" }) } });
  expect(await upgrade("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is phoebe's node w2, and is declared as w1"),
  });
});
