import { beforeEach, expect, test } from "vitest";
import { cordonMark } from "../../operations/lib/kubernetes/cordon.ts";
import { nodeObject } from "./support/api-server.ts";
import { configs } from "./support/config.ts";
import { readLines } from "./support/lines.ts";
import { nodeIn, otherSchematic, podsIn, worker } from "./support/rolling.ts";
import { byUs, open, useUpgrades } from "./support/upgrades.ts";
import { prints } from "./support/world.ts";

const [c1, w1] = ["127.207.27.1", "127.207.27.11"] as const;
const image = "factory.talos.dev/metal-installer/aaa:v1.13.3";
const cluster = await useUpgrades(c1, w1);
beforeEach(() => {
  cluster.reset();
  cluster.put("w1");
});

const old = worker({ hostname: "w1", discovered: [c1] });
const neu = worker({ hostname: "w1", discovered: [c1], version: "v1.13.3", boot: "boot-2" });

test("a worker is drained, upgraded, proved and opened again", async () => {
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  const { exitCode, stdout, stderr } = await cluster.upgrade("w1", w1);
  expect(stderr).toContain("draining node w1");
  expect(stdout).toMatch(/^w1 \(127.207.27.11\) went from Talos v1.12.6 with schematic a+… to Talos v1.13.3 with schematic a+…\.$/);
  expect(exitCode).toBe(0);
  expect(cluster.asked("upgrade")).toEqual([`upgrade --image ${image} --drain=false --wait=false`]);
  expect(cluster.asked("image pull")).toEqual([`image pull --namespace system ${image}`]);
  const [cordon, evict, uncordon] = cluster.api.requests.filter((line) => !line.startsWith("GET"));
  expect([cordon, evict, uncordon]).toEqual([
    "PATCH /api/v1/nodes/w1",
    "POST /api/v1/namespaces/default/pods/web/eviction",
    "PATCH /api/v1/nodes/w1",
  ]);
  expect(cluster.cordoned("w1")).toEqual(open);
});

test("a node as declared asks nobody else and is left alone", async () => {
  cluster.world.talosctl({ nodes: { [w1]: neu } });
  expect(await cluster.upgrade("w1", w1)).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.27.11) runs Talos v1.13.3 already." });
  expect(cluster.api.requests).toEqual([]);
  cluster.world.set({ [w1]: "maintenance" });
  cluster.world.talosctl({ nodes: { [w1]: { "get machinestatus": prints.spec({ stage: "maintenance" }) } } });
  expect(await cluster.upgrade("w1", w1)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("in maintenance mode") });
});

test("what a killed run left is finished: the node is proved and opened", async () => {
  cluster.put("w1", { unschedulable: true }, { [cordonMark]: "upgrade-talos" });
  cluster.world.talosctl({
    nodes: {
      ...cluster.peers,
      [w1]: worker({
        ...{ hostname: "w1", discovered: [c1], version: "v1.13.3", boot: "boot-2" },
        annotations: { [cordonMark]: "upgrade-talos" },
      }),
    },
  });
  expect(await cluster.upgrade("w1", w1)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("and is back at its work") });
  expect(cluster.cordoned("w1")).toEqual(open);
  expect(cluster.asked("upgrade")).toEqual([]);
});

test("a run killed between the cordon and the upgrade is begun again; one killed in the reboot waits for it", async () => {
  cluster.put("w1", { unschedulable: true }, { [cordonMark]: "upgrade-talos" });
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  expect(await cluster.upgrade("w1", w1)).toMatchObject({ exitCode: 0 });
  expect(cluster.cordoned("w1")).toEqual(open);

  cluster.put("w1", { unschedulable: true }, { [cordonMark]: "upgrade-talos" });
  const leaving = worker({ hostname: "w1", stage: "rebooting" });
  const back = worker({
    hostname: "w1",
    discovered: [c1],
    version: "v1.13.3",
    boot: "boot-2",
    annotations: { [cordonMark]: "upgrade-talos" },
  });
  cluster.world.talosctl(
    { until: "get machinestatus", nodes: { ...cluster.peers, [w1]: leaving } },
    { nodes: { ...cluster.peers, [w1]: back } },
  );
  const { stderr, exitCode } = await cluster.upgrade("w1", w1);
  expect(stderr).toContain("it is rebooting");
  expect(exitCode).toBe(0);
  expect(cluster.asked("upgrade")).toEqual([]);
  expect(cluster.cordoned("w1")).toEqual(open);
});

test("a person's cordon stays a person's", async () => {
  cluster.put("w1", { unschedulable: true });
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  expect(await cluster.upgrade("w1", w1)).toMatchObject({ exitCode: 0 });
  expect(cluster.cordoned("w1")).toEqual({ unschedulable: true, mark: undefined });
});

test("a jump, a way back and a Kubernetes too old are refused together, before anything is pulled", async () => {
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: worker({ hostname: "w1", version: "v1.11.3", kubernetes: "v1.30.1" }) } });
  const { exitCode, stderr } = await cluster.upgrade("w1", w1);
  expect(stderr).toContain("first v1.12.x, then v1.13.3");
  expect(stderr).toContain("upgrade Kubernetes before it, with talosVersion v1.11.3: to v1.31.x");
  expect(exitCode).toBe(1);
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: neu } });
  expect(await cluster.upgrade("w1", w1, { TALOS_VERSION: "v1.13.2" })).toMatchObject({
    stderr: expect.stringContaining("allowDowngrade"),
  });
  expect(cluster.asked("image pull")).toEqual([]);
  expect(cluster.api.requests).toEqual([]);
});

test("a way back over a minor version is refused while the older Talos could not read the node's machine config, the kept one too", async () => {
  const back = { TALOS_VERSION: "v1.12.6", ALLOW_DOWNGRADE: "true" };
  const plain = "machine: {type: worker, token: s3cr3t}\n";
  const newer = `${plain}---\napiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables: {TOKEN: s3cr3t}\n`;
  for (const config of [configs(newer, plain), configs(plain, newer)]) {
    cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: { ...neu, "get machineconfig": config } } });
    const { exitCode, stderr } = await cluster.upgrade("w1", w1, back);
    expect(stderr).toMatch(
      /left as it is\. Talos v1\.12\.6 does not know .*: EnvironmentConfig; .* npm run up with talosVersion v1\.13\.3; go back/,
    );
    expect(stderr).not.toContain("s3cr3t");
    expect(exitCode).toBe(1);
  }
  expect(cluster.asked("image pull")).toEqual([]);
  cluster.world.talosctl(
    ...cluster.going(w1, { ...neu, "get machineconfig": configs(plain, plain) }, { ...old, read: { stdout: "boot-3\n" } }),
  );
  expect((await cluster.upgrade("w1", w1, { ...back, NODE_TIMEOUT: "2" })).stderr).toContain("installs ");
});

test("an image that cannot be pulled or installed leaves the node open, where it was", async () => {
  const refused = { code: 1, stderr: "error pulling image: denied" };
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: { ...old, "image pull": refused } } });
  expect(await cluster.upgrade("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /cannot pull factory.talos.dev\/metal-installer\/aaa:v1.13.3: error pulling image: denied\. .* reach factory.talos.dev,/,
    ),
  });
  expect(cluster.api.requests).toEqual([]);

  cluster.world.talosctl({
    nodes: { ...cluster.peers, [w1]: { ...old, upgrade: { code: 1, stderr: "upgrade failed with exit code 1" } } },
  });
  expect(await cluster.upgrade("w1", w1)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("did not install") });
  expect(cluster.cordoned("w1")).toEqual(open);
});

test("a budget that blocks is named when the drain gives up, and its cordon is taken back", async () => {
  cluster.api.budgets.set("web", "The disruption budget web needs 2 healthy pods and has 2 currently");
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: old } });
  const { exitCode, stderr } = await cluster.upgrade("w1", w1, { DRAIN_TIMEOUT: "1" });
  expect(stderr).toMatch(
    /upgrade-talos: Waited \d s for the pods of node w1 to leave: default\/web: Cannot evict .* The disruption budget web needs 2/,
  );
  expect(exitCode).toBe(1);
  expect(cluster.cordoned("w1")).toEqual(open);
  expect(cluster.asked("upgrade")).toEqual([]);
});

test("pods that nothing would start again are named and kept", async () => {
  cluster.api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet", alone: undefined }));
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: old } });
  const { stderr } = await cluster.upgrade("w1", w1);
  expect(stderr).toContain("no controller would start these pods again: default/alone");
  expect(cluster.api.requests.filter((line) => line.startsWith("POST"))).toEqual([]);
  expect(cluster.cordoned("w1")).toEqual(open);
});

test("a pod that comes back in spite of the cordon is evicted once", async () => {
  cluster.api.clinging.add("web");
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  expect(await cluster.upgrade("w1", w1)).toMatchObject({ exitCode: 0 });
  expect(cluster.api.requests.filter((line) => line.startsWith("POST"))).toHaveLength(1);
});

const evictions = () => cluster.api.requests.filter((line) => line.startsWith("POST"));
const beside = (...others: unknown[]) =>
  cluster.api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn("w1", "boot-2"), ...others] });

test("nothing is drained where nothing could take the pods", async () => {
  beside(nodeIn("w2", "x", { unschedulable: true }));
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  expect(await cluster.upgrade("w1", w1)).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("node w1 is not drained: no other node that is Ready and schedulable takes its pods"),
  });
  expect(evictions()).toEqual([]);
});

test("beside a tainted node only what tolerates its taint is drained, and no budget of the rest is in the way", async () => {
  beside(nodeIn("c1", "x", { taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] }));
  const { items, ...list } = podsIn({ web: "ReplicaSet", dns: "ReplicaSet" });
  const tolerations = [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }];
  const tolerant = items.map((pod) => (pod.metadata.name === "dns" ? { ...pod, spec: { ...pod.spec, tolerations } } : pod));
  cluster.api.resources.set("/api/v1/pods", { ...list, items: tolerant });
  cluster.api.budgets.set("web", "The disruption budget web needs 1 healthy pods and has 1 currently");
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  expect(await cluster.upgrade("w1", w1)).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("draining node w1, but for what no other node that is Ready and schedulable takes: default/web"),
  });
  expect(evictions()).toEqual(["POST /api/v1/namespaces/default/pods/dns/eviction"]);
});

test("what the only other node could take waits for that node a while, and leaves when it is well", async () => {
  beside(nodeObject("w2", "False"));
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  const upgrading = cluster.upgrade("w1", w1, { NODE_TIMEOUT: "600" });
  const { until } = readLines(upgrading.stderr);
  await until("waiting for a place for the pods of node w1: not well: w2");
  expect(evictions()).toEqual([]);
  beside(nodeIn("w2", "x"));
  expect(await upgrading).toMatchObject({ exitCode: 0 });
  expect(evictions()).toHaveLength(1);
});

test("a node whose kubelet ends no pod is upgraded: that may be what mends it", async () => {
  cluster.api.lingering.add("web");
  const dead = { ...old, "service kubelet": prints.service("Waiting") };
  cluster.world.talosctl(...cluster.going(w1, dead, neu));
  const upgrading = cluster.upgrade("w1", w1, { NODE_TIMEOUT: "30" });
  const { until } = readLines(upgrading.stderr);
  await until("default/web evicted, and not ended yet"); // Kubernetes finds a Node not Ready a while after its kubelet has died
  cluster.api.resources.set("/api/v1/nodes/w1", nodeObject("w1", "False"));
  await until("to be healthy");
  cluster.put("w1", { unschedulable: true }, { [cordonMark]: "upgrade-talos" });
  const { exitCode, stderr } = await upgrading;
  expect(stderr).toMatch(/evicted, but not waited for, since nothing on node w1 ends a pod: default\/web \(its kubelet is Waiting/);
  expect(exitCode).toBe(0);
  expect(evictions()).toHaveLength(1);
  expect(cluster.cordoned("w1")).toEqual(open);
});

test("a node that falls back, or comes back with another schematic, ends the rollout at once and is not tried again", async () => {
  for (const [after, words] of [
    [worker({ hostname: "w1", discovered: [c1], boot: "boot-2" }), "runs Talos v1.12.6 .* it fell back to what it ran before"],
    [
      worker({ hostname: "w1", discovered: [c1], version: "v1.13.3", schematic: otherSchematic, boot: "boot-2" }),
      "something else was installed",
    ],
  ] as const) {
    cluster.put("w1");
    cluster.world.talosctl(...cluster.going(w1, old, after));
    const { exitCode, stderr } = await cluster.upgrade("w1", w1);
    expect(stderr).toMatch(new RegExp(`upgrade-talos: .*${words}.*no further node was touched`));
    expect(exitCode).toBe(1);
    expect(cluster.asked("upgrade")).toHaveLength(1);
    expect(cluster.cordoned("w1")).toEqual(open);
  }
});

test("a node that does not come back, or comes back empty, stays cordoned", async () => {
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: old } });
  expect(await cluster.upgrade("w1", w1, { NODE_TIMEOUT: "1" })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("it has not rebooted yet. No further node was touched"),
  });
  expect(cluster.cordoned("w1")).toEqual(byUs);

  cluster.world.talosctl(
    { until: "upgrade", after: [[w1, "maintenance"]], nodes: { ...cluster.peers, [w1]: old } },
    { nodes: { [w1]: { "get machinestatus": prints.spec({ stage: "maintenance" }) } } },
  );
  expect(await cluster.upgrade("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("came back empty, in maintenance mode"),
  });
  expect(cluster.cordoned("w1")).toEqual(byUs);
});

test("another node at its address is left alone", async () => {
  cluster.world.talosctl({ nodes: { [w1]: worker({ hostname: "w2" }) } });
  expect(await cluster.upgrade("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is phoebe's node w2, and is declared as w1"),
  });
});

test("SecureBoot is no upgrade: whatever else is declared, a node that was installed otherwise is left alone", async () => {
  const [plain, secure] = [image, "factory.talos.dev/metal-installer-secureboot/aaa:v1.13.3"];
  const signed = { secureBoot: false, pcrSigningKeyFingerprint: "AB:CD" }; // the firmware does not demand it yet
  for (const [runs, state, declared, words] of [
    [neu, { secureBoot: false }, secure, "installed without SecureBoot, and is declared with secureBoot: true"],
    [old, { secureBoot: true }, plain, "installed with SecureBoot, and is declared with secureBoot: false"],
    [old, signed, plain, "installed with SecureBoot"],
    [old, {}, plain, "it does not say whether it runs with SecureBoot"],
  ] as const) {
    cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: { ...runs, "get securitystate": prints.spec(state) } } });
    const { exitCode, stderr } = await cluster.upgrade("w1", w1, { INSTALLER_IMAGE: declared, NODE_TIMEOUT: "0.3" });
    expect(stderr).toContain(words);
    expect(exitCode).toBe(1);
    expect(cluster.asked("image pull")).toEqual([]);
  }
  cluster.world.talosctl({ nodes: { [w1]: { ...neu, "get securitystate": prints.spec(signed) } } });
  expect(await cluster.upgrade("w1", w1, { INSTALLER_IMAGE: secure })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("already"),
  });
});
