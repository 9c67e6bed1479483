import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { judgeBeside } from "../../operations/lib/etcd/broken.ts";
import { cordonMark } from "../../operations/lib/kubernetes/cordon.ts";
import { useCluster } from "./support/cluster.ts";
import { configs, differs, same } from "./support/config.ts";
import { controlPlane, nodeIn, podsIn, rollingVariables } from "./support/rolling.ts";
import { podsOfPlane } from "./support/static-pods.ts";
import { type Answer, type EtcdMember, type Phase, prints } from "./support/world.ts";

// The config of c1 keeps its etcd from starting; c2 and c3 are well, and it is through c2 that pods are moved.
const [c1, c2, c3] = ["127.207.34.1", "127.207.34.2", "127.207.34.3"] as const;
const { world, api: beside, kubeconfig } = await useCluster(c2, c1, c3);
/** The API servers of c1 and c3. */
const [own, third] = [beside.beside(c1), beside.beside(c3)];
beforeAll(async () => {
  for (const api of [own, third]) await api.start();
  return async () => {
    for (const api of [own, third]) await api.stop();
  };
});
beforeEach(() => {
  world.set({ [c1]: "ours", [c2]: "ours", [c3]: "ours" });
  for (const api of [own, beside, third]) {
    api.requests.length = 0;
    api.resources.clear();
    api.resources.set("/readyz", "ok");
    api.resources.set("/api/v1/pods", podsIn({ web: "ReplicaSet" }));
    api.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c1", "c2", "c3"]));
    api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeIn("c1", "boot-2"), nodeIn("w2", "x")] });
    api.resources.set("/api/v1/nodes/c1", nodeIn("c1", "boot-2", { unschedulable: true }, { [cordonMark]: "reconfigure" }));
  }
});

const members: EtcdMember[] = [c1, c2, c3].map((address, i) => ({ hostname: `c${i + 1}`, address }));
const config = (flag: string) => `machine:\n  token: s3cr3t\ncluster:\n  etcd: {extraArgs: {${flag}}}\n`;
const [bad, corrected] = [config("no-such-flag: x"), config("max-snapshots: '3'")];
const refused = { code: 1, stderr: "connection refused" };

/** A member that is well, or whose own etcd its config stops. */
const member = (i: number, more: Record<string, Answer> = {}, all = members) => ({
  ...controlPlane({ hostname: `c${i + 1}`, version: "v1.13.3", discovered: all.map(({ address }) => address) }, all, i, 1 % all.length),
  "get nodeaddress": prints.spec({ addresses: [`${all[i]?.address}/24`] }),
  kubeconfig,
  ...more,
});
const broken = (all = members) =>
  member(
    0,
    {
      "service etcd": prints.service("Waiting"),
      "etcd members": refused,
      "etcd status": refused,
      "etcd alarm list": refused,
      "get machineconfig": configs(bad, bad),
      "apply-config --dry-run": differs,
      "apply-config --mode": {},
      reboot: {},
    },
    all,
  );
const mended = (all = members) =>
  member(0, { "apply-config --dry-run": same, "read /proc/sys/kernel/random/boot_id": { stdout: "boot-2\n" } }, all);
/** Until it reboots c1 is broken. */
const mending = (others: Phase["nodes"], all = members): Phase[] => [
  { until: "reboot", nodes: { ...others, [c1]: broken(all) } },
  { nodes: { ...others, [c1]: mended(all) } },
];
const run = (script: string, hostname: string, address: string, more: Record<string, string> = {}) =>
  world.run(script, { ...rollingVariables(world.folder, hostname, address), DRAIN_TIMEOUT: "5", ...more }, corrected);
const changing = () =>
  world.calls
    .filter(({ words }) => /^(apply-config --mode|reboot|upgrade|etcd (snapshot|forfeit))/.test(words))
    .map(({ address, words }) => `${address} ${words.replace(/ --file.*/, "")}`);

describe("a node whose etcd its own config stops", () => {
  test("is given the corrected one, drained through another, rebooted, proved and uncordoned, where all beside it is well", async () => {
    beside.resources.set("/api/v1/nodes/c1", nodeIn("c1", "boot-2"));
    world.talosctl(...mending({ [c2]: member(1), [c3]: member(2) }));
    const { exitCode, stdout, stderr } = await run("reconfigure", "c1", c1);
    expect(stdout, stderr).toBe("c1 (127.207.34.1) was changed, with a reboot: cluster.etcd.extraArgs.");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("its etcd is Waiting, health ?, and all is well beside it; it has 2 s to start");
    expect(stderr).toContain("is out of etcd's quorum, and all is well beside it: it alone is given its config");
    expect(changing()).toEqual([`${c1} apply-config --mode=staged`, `${c1} reboot --wait=false`]);
    expect(beside.requests).toContain("POST /api/v1/namespaces/default/pods/web/eviction");
    expect(own.resources.get("/api/v1/nodes/c1")).toMatchObject({ metadata: { annotations: {} } });
    expect(stderr).not.toContain("s3cr3t");
  });

  test("waits while an API server beside it does not answer", async () => {
    third.resources.set("/readyz", 500);
    world.talosctl(...mending({ [c2]: member(1), [c3]: member(2) }));
    const { exitCode, stderr } = await run("reconfigure", "c1", c1, { NODE_TIMEOUT: "5" });
    expect(stderr).toMatch(/the API servers beside c1 .127\.207\.34\.1.: c3 .127\.207\.34\.3.: its Kubernetes API: its .readyz says no/);
    expect(exitCode).toBe(1);
    expect(changing()).toEqual([]);
  });

  test("waits while another one is ill too, or cannot be asked, and keeps what it has", async () => {
    for (const [c3Says, why] of [
      [member(2, { "etcd status": refused }), "c3 (127.207.34.3) does not answer: connection refused"],
      [member(2, { "etcd status": prints.etcdStatus(2, 1, "NOSPACE") }), "c3 (127.207.34.3) says: NOSPACE"],
    ] as const) {
      world.talosctl({ nodes: { [c1]: broken(), [c2]: member(1), [c3]: c3Says } });
      const { exitCode, stderr } = await run("reconfigure", "c1", c1, { NODE_TIMEOUT: "2" });
      expect(stderr).toContain(`its etcd is Waiting, health ?; ${why}. It is left as it is`);
      expect(exitCode).toBe(1);
    }
    world.set({ [c1]: "ours" });
    expect(await run("reconfigure", "c1", c1, { NODE_TIMEOUT: "2" })).toMatchObject({ exitCode: 1 });
    expect(changing()).toEqual([]);
    expect(beside.requests.filter((line) => !line.startsWith("GET"))).toEqual([]);
  });

  test("keeps what it has where it does not know who else there is", async () => {
    world.talosctl({ nodes: { [c1]: { ...broken(), "get members": { stdout: "" } }, [c2]: member(1), [c3]: member(2) } });
    const { exitCode, stderr } = await run("reconfigure", "c1", c1, { NODE_TIMEOUT: "2" });
    expect(stderr).toContain("it has not even discovered itself, so the members beside it are not known");
    expect(exitCode).toBe(1);
    expect(changing()).toEqual([]);
  });

  test("holds up every other node: none is changed while it is broken", async () => {
    world.talosctl({
      nodes: {
        [c1]: broken(),
        [c2]: member(1, { "get machineconfig": configs(bad, bad), "apply-config --dry-run": differs }),
        [c3]: member(2),
      },
    });
    const { exitCode, stderr } = await run("reconfigure", "c2", c2, { NODE_TIMEOUT: "2" });
    expect(stderr).toContain("c1 (127.207.34.1) does not answer: connection refused");
    expect(exitCode).toBe(1);
    expect(changing()).toEqual([]);
  });

  test("is given it as the only member too: there is no quorum to keep, and nothing left to take a snapshot of", async () => {
    const alone = members.slice(0, 1);
    world.set({ [c1]: "ours" });
    world.talosctl(...mending({}, alone));
    const { exitCode, stdout, stderr } = await run("reconfigure", "c1", c1);
    expect(stdout, stderr).toBe("c1 (127.207.34.1) was changed, with a reboot: cluster.etcd.extraArgs.");
    expect(exitCode).toBe(0);
    expect(changing()).toEqual([`${c1} apply-config --mode=staged`, `${c1} reboot --wait=false`]);
    expect(own.resources.get("/api/v1/nodes/c1")).toMatchObject({ metadata: { annotations: {} } });
  });

  test("does not hold up its Talos version, which it has: that is no step for it", async () => {
    const left = { "get nodestatus": prints.specs({ nodename: "c1", annotations: { [cordonMark]: "reconfigure" } }) };
    world.talosctl({ nodes: { [c1]: { ...broken(), ...left }, [c2]: member(1), [c3]: member(2) } });
    const { exitCode, stdout, stderr } = await run("upgrade-talos", "c1", c1);
    expect(stdout, stderr).toBe("c1 (127.207.34.1) runs Talos v1.13.3 already.");
    expect(stderr).toContain("stays as it is: its etcd is for its config to mend");
    expect(exitCode).toBe(0);

    // A new one is: nothing is installed over a node that is ill.
    const newer = { TALOS_VERSION: "v1.13.4", NODE_TIMEOUT: "2" };
    const images = { "get kubeletspecs": prints.spec({ image: "k:v1.35.4" }) };
    world.talosctl({ nodes: { [c1]: { ...broken(), ...left, ...images }, [c2]: member(1), [c3]: member(2) } });
    expect(await run("upgrade-talos", "c1", c1, newer)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Repair etcd") });
    expect(changing()).toEqual([]);
  });
});

describe("what is beside it", () => {
  const node = { hostname: "c1", address: c1 };
  const well = (i: number, leader = "b") => ({
    member: { id: "abc"[i] ?? "", hostname: `c${i + 1}`, addresses: [[c1, c2, c3][i] ?? ""] as [string], learner: false },
    status: i === 0 ? { problem: "connection refused" } : { value: { id: "abc"[i] ?? "", leader, errors: "" } },
  });
  const etcd = [well(0), well(1), well(2)];
  const [first, ...others] = etcd as [(typeof etcd)[number], ...typeof etcd];

  test("is named where all of it is well", () => {
    expect(judgeBeside(etcd, node, [])).toEqual({ value: others.map(({ member }) => member) });
  });

  test.each([
    ["etcd does not have it as a member", [...others]],
    ["etcd does not have it as a member", [{ ...first, member: { ...first.member, learner: true } }, ...others]],
    ["etcd does not have it as a member", [{ ...first, member: { ...first.member, hostname: "" } }, ...others]],
    ["Which etcd member is c1", [{ ...first, member: { ...first.member, hostname: "c9" } }, ...others]],
    ["c3 .*knows no leader", [first, well(1), { ...well(2), status: { value: { id: "c", leader: undefined, errors: "" } } }]],
    ["none of the members beside it leads", [first, well(1, "a"), well(2, "a")]],
    ["do not agree on who leads", [first, well(1, "b"), well(2, "c")]],
    ["none of the members beside it leads", [first]],
  ])("is not well: %s", (why, asked) => {
    expect(judgeBeside(asked, node, [])).toMatchObject({ problem: expect.stringMatching(why) });
  });

  test("is not well with an alarm", () => {
    expect(judgeBeside(etcd, node, ["NOSPACE at member b"])).toEqual({ problem: "alarm NOSPACE at member b" });
  });
});
