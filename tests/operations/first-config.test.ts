import { beforeEach, expect, test } from "vitest";
import { configs, same } from "./support/config.ts";
import { controlPlane, otherSchematic, schematic, worker } from "./support/rolling.ts";
import { byUs, open, useUpgrades } from "./support/upgrades.ts";
import { type Answer, answers, type Phase, prints } from "./support/world.ts";

const [c1, c2, w1] = ["127.207.41.1", "127.207.41.2", "127.207.41.11"] as const;
const config = "machine:\n  token: s3cr3t\ncluster: {}\n";
const cluster = await useUpgrades(c1, c2, w1);
beforeEach(() => {
  cluster.reset();
  cluster.put("w1");
});

/** A machine in maintenance mode with a Talos on its disk. */
const installed = (version: string, id = schematic): Record<string, Answer> => ({
  ...answers.maintenance,
  "get volumestatus META": prints.spec({ phase: "ready", type: "partition" }),
  "get version version": prints.spec({ name: "Talos", version }),
  "get extensions": prints.specs({ metadata: { name: "schematic", version: id } }),
  "get securitystate": prints.spec({ secureBoot: false }),
  "apply-config --mode=auto": {},
});
const configured = { "get machineconfig": configs(config, config), "apply-config --dry-run": same };
const [old, neu] = [
  { ...worker({ hostname: "w1", discovered: [c1] }), ...configured },
  { ...worker({ hostname: "w1", discovered: [c1], version: "v1.13.3", boot: "boot-2" }), ...configured },
];
/** Given its config it runs as it was installed; then as it is upgraded. */
const takenIn = (before: Record<string, Answer>): Phase[] => [
  { until: "apply-config --mode=auto", after: [[w1, "ours"]], nodes: { ...cluster.peers, [w1]: before } },
  ...cluster.going(w1, old, neu),
];

const reconfigure = (hostname: string, address: string, variables: Record<string, string> = {}) =>
  cluster.run("reconfigure", hostname, address, variables, config);
const inMaintenance = () => cluster.world.set({ [c1]: "ours", [w1]: "maintenance" });
const changes = () => cluster.world.calls.filter(({ words }) => /^(apply-config --mode|upgrade|reboot)/.test(words));

test("a machine with another Talos on its disk is given its config, then upgraded like any other node", async () => {
  for (const before of [installed("v1.12.6"), installed("v1.13.3", otherSchematic)]) {
    inMaintenance();
    cluster.put("w1");
    cluster.world.talosctl(...takenIn(before));
    const { exitCode, stdout, stderr } = await reconfigure("w1", w1);
    expect(stderr).toMatch(/w1 \(127.207.41.11\) has Talos v1.1[23].* on its disk: it is given its config, and upgraded then/);
    expect(stdout).toMatch(/^w1 \(127.207.41.11\) went from Talos v1.12.6 .* to Talos v1.13.3/);
    expect(exitCode).toBe(0);
    const [first, upgrade, ...more] = changes();
    expect(first).toMatchObject({ insecure: true, file: { names: 0, mode: "600", content: config } });
    expect([upgrade?.words.split(" ", 1), more]).toEqual([["upgrade"], []]);
    expect(cluster.cordoned("w1")).toEqual(open);
    expect(`${stdout}${stderr}`).not.toContain("s3cr3t");
  }
});

test("one with the declared Talos, or with none, is left for the first config, and one without is asked nothing more", async () => {
  inMaintenance();
  cluster.world.talosctl({ nodes: { [w1]: installed("v1.13.3") } });
  const free = { exitCode: 0, stdout: "w1 (127.207.41.11) is in maintenance mode, free to be configured." };
  expect(await reconfigure("w1", w1)).toMatchObject(free);
  cluster.world.talosctl({ nodes: { [w1]: { ...answers.maintenance, "get volumestatus META": prints.spec({ phase: "missing" }) } } });
  expect(await reconfigure("w1", w1)).toMatchObject(free);
  expect(cluster.world.calls.map(({ words }) => words)).toEqual(["get machinestatus machine -o json", "get volumestatus META -o json"]);
});

test("what is on its disk has to be known", async () => {
  for (const [meta, why] of [
    [{ code: 1, stderr: "unavailable" }, "unavailable"],
    [prints.spec({ phase: "waiting" }), "its META partition is waiting"],
  ] as const) {
    inMaintenance();
    cluster.world.talosctl({ nodes: { [w1]: { ...installed("v1.12.6"), "get volumestatus META": meta } } });
    const { exitCode, stderr } = await reconfigure("w1", w1, { NODE_TIMEOUT: "0.3" });
    expect(stderr).toMatch(new RegExp(`for what is on the disk of w1 \\(127.207.41.11\\): ${why}`));
    expect(exitCode).toBe(1);
    expect(changes()).toEqual([]);
  }
});

test("where there is no way from it to the declared Talos, the machine is not touched", async () => {
  inMaintenance();
  cluster.world.talosctl({ nodes: { [w1]: installed("v1.11.3") } });
  const { exitCode, stderr } = await reconfigure("w1", w1);
  expect(stderr).toMatch(
    /is left in maintenance mode.*first v1\.12\.x, then v1\.13\.3.*Or wipe its disk and boot it from the installation medium/,
  );
  expect(exitCode).toBe(1);
  expect(changes()).toEqual([]);
});

test("one that was installed without SecureBoot does not become a node of a cluster that is declared with it", async () => {
  inMaintenance();
  cluster.world.talosctl({ nodes: { [w1]: installed("v1.13.3") } });
  const { exitCode, stderr } = await reconfigure("w1", w1, { INSTALLER_IMAGE: "factory.talos.dev/metal-installer-secureboot/aaa:v1.13.3" });
  expect(stderr).toMatch(/is left as it is: it was installed without SecureBoot.*secureBoot: true.*installed anew: with its disk wiped/);
  expect(exitCode).toBe(1);
});

test("a run that was killed after the config is carried on, and so is one killed in the upgrade", async () => {
  cluster.world.talosctl(...cluster.going(w1, old, neu));
  expect(await reconfigure("w1", w1)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("went from Talos v1.12.6") });

  const mark = { "phoebe.dev/cordoned-by": byUs.mark };
  cluster.put("w1", { unschedulable: true }, mark);
  const back = { ...neu, "get nodestatus": prints.specs({ nodename: "w1", annotations: mark }) };
  cluster.world.talosctl({ nodes: { ...cluster.peers, [w1]: back } });
  expect(await reconfigure("w1", w1)).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.41.11) is as declared." });
  expect(changes()).toEqual([]);
  expect(cluster.cordoned("w1")).toEqual(open);
});

const seen = (...addresses: string[]) =>
  prints.specs(
    ...addresses.map((address) => ({ machineType: "controlplane", hostname: address === c2 ? "c2" : "c1", addresses: [address] })),
  );
const joining = { ...controlPlane({ hostname: "c2" }), ...configured, "get members": seen(c1, c2) };
const two = [
  { hostname: "c1", address: c1 },
  { hostname: "c2", address: c2 },
];

test("a control plane node is waited for until it has joined etcd, and is then spared like any other member", async () => {
  const first = controlPlane({ hostname: "c1" }, two);
  cluster.world.talosctl(
    { until: "list /var/lib/etcd", nodes: { [c1]: first, [c2]: joining } },
    { until: "etcd members", nodes: { [c1]: first, [c2]: joining } },
    { nodes: { [c1]: first, [c2]: { ...controlPlane({ hostname: "c2" }, two, 1), ...configured } } },
  );
  const { exitCode, stderr } = await reconfigure("c2", c2);
  expect(stderr).toContain("waiting for c2 (127.207.41.2) to join etcd: it has yet to join c1 (127.207.41.1)");
  expect(stderr).toContain("is left as it is: etcd has two members");
  expect(exitCode).toBe(1);
  expect(changes()).toEqual([]);
});

test("where nobody has an etcd that it could join, it is upgraded after a while", async () => {
  const alone = { ...joining, "get members": seen(c2) };
  const done = { ...controlPlane({ hostname: "c2", version: "v1.13.3", boot: "boot-2" }), ...configured };
  cluster.world.talosctl(...cluster.going(c2, alone, done));
  const { exitCode, stdout, stderr } = await reconfigure("c2", c2, { NODE_TIMEOUT: "10" });
  expect(stderr).toContain("etcd was never started, and nobody is found whom it could join; it has 1 s");
  expect(stdout).toContain("went from Talos v1.12.6");
  expect(exitCode).toBe(0);
});
