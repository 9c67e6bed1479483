import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiServer, nodeObject } from "./support/api-server.ts";
import { startCluster } from "./support/cluster.ts";
import { configs, differs, kubeletOf, same, summary } from "./support/config.ts";
import { controlPlane, schematic } from "./support/rolling.ts";
import { type Made, planeOf, podsOfPlane } from "./support/static-pods.ts";
import { type Answer, answers, type Phase, prints, type World } from "./support/world.ts";

const [c1, c2, w1] = ["127.207.11.1", "127.207.11.2", "127.207.11.11"] as const;
let world: World;
let api: ApiServer;
let kubeconfig: Answer;
beforeAll(async () => {
  const cluster = await startCluster(c1, c2, w1);
  ({ world, api, kubeconfig } = cluster);
  return cluster.stop;
});
beforeEach(() => {
  api.resources.clear();
  api.resources.set("/readyz", "ok");
  api.resources.set("/api/v1/pods", { kind: "PodList", apiVersion: "v1", items: [] });
  api.resources.set("/api/v1/nodes", { kind: "NodeList", items: [nodeOf("w1")] });
  api.resources.set("/api/v1/nodes/w1", nodeOf("w1"));
  api.resources.set("/api/v1/nodes/c1", nodeOf("c1"));
});

const nodeOf = (name: string, kubelet = "v1.36.3") => {
  const node = nodeObject(name, "True");
  return { ...node, status: { ...node.status, nodeInfo: { kubeletVersion: kubelet, bootID: "boot-1" } } };
};
const config = (machine: string, kubelet = "v1.36.3") =>
  `machine:\n  token: s3cr3t\n  kubelet: {image: "k:${kubelet}"}\n  ${machine}\ncluster: {}\n`;
const [old, declared] = [config("sysctls: {a: '1'}"), config("sysctls: {a: '2'}")];

/** A worker's answers, or a control plane node's that is no member. */
const says = (name: string, running: string, more: Record<string, Answer> = {}): Record<string, Answer> => ({
  "get hostname": prints.spec({ hostname: name }),
  "get nodename": prints.spec({ nodename: name }),
  "get machineconfig": configs(running, running),
  "get nodestatus": { stdout: "" },
  "get machinestatus": prints.spec({ stage: "running", status: { ready: true } }),
  "get endpoints": prints.endpoints({ "kube-apiserver": [c1] }),
  "service kubelet": prints.service("Running", "OK"),
  ...kubeletOf(1, "10:00"),
  read: { stdout: "boot-1\n" },
  version: prints.version("v1.13.3"),
  "get extensions": prints.specs({ metadata: { name: "schematic", version: schematic } }),
  "apply-config --mode": {},
  ...more,
});

const reconfigure = (hostname: string, address: string, input = declared, variables: Record<string, string> = {}) =>
  world.run(
    "reconfigure",
    {
      NODE_HOSTNAME: hostname,
      NODE_ADDRESS: address,
      NODE_ROLE: hostname.startsWith("c") ? "controlplane" : "worker",
      ENDPOINT: "https://127.207.255.1:6443",
      BACKUP_DIR: `${world.folder}/backups`,
      DRAIN_TIMEOUT: "5",
      TALOS_VERSION: "v1.13.3",
      SCHEMATIC_ID: schematic,
      INSTALLER_IMAGE: "factory.talos.dev/metal-installer/aaa:v1.13.3",
      ...variables,
    },
    input,
  );
const changing = () =>
  world.calls.filter(({ words }) => /^(apply-config --mode|reboot)/.test(words)).map(({ words }) => words.replace(/ --file.*/, ""));

test("a machine in maintenance mode is left for the first config", async () => {
  world.set({ [w1]: "maintenance" });
  world.talosctl({ nodes: { [w1]: { ...answers.maintenance, "get volumestatus META": prints.spec({ phase: "missing" }) } } });
  expect(await reconfigure("w1", w1)).toMatchObject({
    exitCode: 0,
    stdout: "w1 (127.207.11.11) is in maintenance mode, free to be configured.",
  });
});

test("a node that has its config is left alone", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", declared, { "apply-config --dry-run": same }) } });
  expect(await reconfigure("w1", w1)).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.11.11) is as declared." });
  expect(changing()).toEqual([]);
  expect(world.leftovers).toEqual([]);
});

test("but under its own name only", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", declared, { "apply-config --dry-run": same }) } });
  expect(await reconfigure("w2", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is phoebe's node w1, and is declared as w2. A node is not renamed"),
  });
});

test("somebody else's machine is refused", async () => {
  world.set({ [w1]: "foreign" });
  world.talosctl({ nodes: {} });
  expect(await reconfigure("w1", w1)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is not phoebe's: its certificate is from another CA"),
  });
});

test("a machine that does not answer is waited for, then named with what to look at", async () => {
  const { exitCode, stderr } = await reconfigure("w1", "127.207.11.99", declared, { NODE_TIMEOUT: "0.2" });
  expect(stderr).toMatch(/phoebe: waiting for w1 \(127.207.11.99\): connection refused$/m);
  expect(stderr).toMatch(/reconfigure: Waited \d s for w1 \(127.207.11.99\): connection refused. Is it switched on/);
  expect(exitCode).toBe(1);
});

test("without talosctl it says what is missing", async () => {
  world.set({ [w1]: "maintenance" });
  expect(await reconfigure("w1", w1, declared, { PATH: "/nowhere" })).toMatchObject({
    exitCode: 1,
    stderr: "reconfigure: talosctl is not on PATH: install it, or use the lab's (`npm run lab -- env`).",
  });
});

test("without a config it does nothing", async () => {
  expect(await reconfigure("w1", w1, "\n")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("holds no machine config") });
});

test("what a running node takes in is applied at once, from a file without a name, and nothing secret is said", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", old, { "apply-config --dry-run": differs }) } });
  const { exitCode, stdout, stderr } = await reconfigure("w1", w1);
  expect(stdout).toBe("w1 (127.207.11.11) was changed: machine.sysctls.");
  expect(exitCode).toBe(0);
  expect(changing()).toEqual(["apply-config --mode=no-reboot"]);
  const files = world.calls.flatMap(({ file }) => file ?? []);
  expect(files).toEqual(files.map(() => ({ names: 0, mode: "600", content: declared })));
  expect(`${stdout}${stderr}`).not.toContain("s3cr3t");
  expect(world.calls.map(({ args }) => args.join(" ")).join()).not.toContain("s3cr3t");
  expect(world.leftovers).toEqual([]);
});

test("a new kubelet is waited for", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  const newer = config("sysctls: {a: '1'}", "v1.36.4");
  const w = (kubelet: Record<string, Answer>) => says("w1", old, { "apply-config --dry-run": differs, ...kubelet });
  const nodes = (kubelet: Record<string, Answer>) => ({ [w1]: w(kubelet), [c1]: { kubeconfig } });
  const [until, fail] = ["apply-config --mode", () => reconfigure("w1", w1, newer, { NODE_TIMEOUT: "0.2" })] as const;
  world.talosctl({ until, nodes: nodes({}) }, { nodes: nodes(kubeletOf(2, "10:00")) });
  expect(await fail()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("its kubelet is yet to be started again") });
  const restarted: Phase[] = [{ until, nodes: nodes({}) }, { nodes: nodes(kubeletOf(2, "10:07")) }];
  world.talosctl(...restarted);
  expect(await fail()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("its kubelet reports v1.36.3 still, and is declared as v1.36.4"),
  });
  world.talosctl(...restarted);
  api.resources.set("/api/v1/nodes/w1", nodeOf("w1", "v1.36.4"));
  expect(await reconfigure("w1", w1, newer)).toMatchObject({
    exitCode: 0,
    stdout: "w1 (127.207.11.11) was changed: machine.kubelet.image.",
  });
});

test("what Talos refuses is told in its words, without what it quotes", async () => {
  world.set({ [w1]: "ours" });
  const refusal = {
    code: 1,
    stderr: 'error applying new configuration: rpc error: code = InvalidArgument desc = token "s3cr3t" is too short',
  };
  world.talosctl({ nodes: { [w1]: says("w1", old, { "apply-config --dry-run": refusal }) } });
  const { exitCode, stderr } = await reconfigure("w1", w1);
  expect(stderr).toContain('refuses its config, and keeps the one it has: token "<redacted>" is too short. Correct the patches');
  expect(exitCode).toBe(1);
  expect(changing()).toEqual([]);
});

test("an older kubelet than the one that runs is refused", async () => {
  world.set({ [w1]: "ours" });
  world.talosctl({ nodes: { [w1]: says("w1", old, { "apply-config --dry-run": differs }) } });
  const { exitCode, stderr } = await reconfigure("w1", w1, config("sysctls: {a: '2'}", "v1.35.4"));
  expect(stderr).toContain("keeps its config, which would set back kubelet v1.36.3 to v1.35.4. Kubernetes has no way back");
  expect(exitCode).toBe(1);
  expect(changing()).toEqual([]);
});

test("a config that waits for the next boot, and is no longer declared, is replaced", async () => {
  world.set({ [w1]: "ours" });
  const staged = { "get machineconfig": configs(declared, old), "apply-config --dry-run": same };
  world.talosctl({ nodes: { [w1]: says("w1", declared, staged) } });
  expect(await reconfigure("w1", w1)).toMatchObject({ exitCode: 0, stdout: "w1 (127.207.11.11) is as declared." });
  expect(changing()).toEqual(["apply-config --mode=no-reboot"]);
});

/** Until it reboots a worker answers so; then in another boot, with its declared config. */
const rebooting = (running: string, wanted: string, more: Record<string, Answer> = {}): Phase[] => [
  { until: "reboot", nodes: { [w1]: { ...says("w1", running, more), reboot: {} }, [c1]: { kubeconfig } } },
  {
    nodes: {
      [w1]: { ...says("w1", wanted, { ...more, "apply-config --dry-run": same }), read: { stdout: "boot-2\n" } },
      [c1]: { kubeconfig },
    },
  },
];
const files = config("files: [{path: /var/x, content: s3cr3t}]");

test("what needs a reboot is staged, and the node rolled: cordoned, rebooted, proved, uncordoned", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  world.talosctl(...rebooting(old, files, { "apply-config --dry-run": summary("with", "+x") }));
  const { exitCode, stdout, stderr } = await reconfigure("w1", w1, files);
  expect(stdout).toBe("w1 (127.207.11.11) was changed, with a reboot: machine.sysctls, machine.files.");
  expect(exitCode).toBe(0);
  expect(changing()).toEqual(["apply-config --mode=staged", "reboot --wait=false"]);
  expect(api.resources.get("/api/v1/nodes/w1")).toMatchObject({ metadata: { annotations: {} } });
  expect(`${stdout}${stderr}`).not.toContain("s3cr3t");
});

test("from Talos 1.14 on no node says what needs one, and it is known all the same", async () => {
  world.set({ [c1]: "ours", [w1]: "ours" });
  world.talosctl(...rebooting(old, files, { "apply-config --dry-run": differs, version: prints.version("v1.14.0") }));
  expect(await reconfigure("w1", w1, files)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("with a reboot") });
  expect(changing()).toEqual(["apply-config --mode=staged", "reboot --wait=false"]);
});

test("a control plane node that never joined is changed without asking others", async () => {
  world.set({ [c2]: "ours" });
  world.talosctl({ nodes: { [c2]: { ...says("c2", old, { "apply-config --dry-run": differs }), ...answers.waiting } } });
  expect(await reconfigure("c2", c2)).toMatchObject({ exitCode: 0, stdout: "c2 (127.207.11.2) was changed: machine.sysctls." });
});

/** A member that differs in a sysctl; its answers, with those of its kind. */
const members = [
  { hostname: "c1", address: c1 },
  { hostname: "c2", address: c2 },
];
const member = (i: number, more: Record<string, Answer> = {}) => ({
  ...says(`c${i + 1}`, old, { "apply-config --dry-run": differs }),
  ...controlPlane({ hostname: `c${i + 1}`, version: "v1.13.3", kubernetes: "v1.36.3" }, members, i),
  "get machineconfig": configs(old, old),
  "get nodeaddress": prints.spec({ addresses: [`${members[i]?.address}/24`] }),
  kubeconfig,
  ...more,
});
/** Something that may start a program again. */
const louder = old.replace("cluster:", "  time: {disabled: true}\ncluster:");

test("a member of the control plane is left alone while another one's API server does not answer", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  world.talosctl({ nodes: { [c1]: member(0), [c2]: member(1) } }); // nobody listens at c2's 6443
  const { exitCode, stderr } = await reconfigure("c1", c1, louder, { NODE_TIMEOUT: "1" });
  expect(stderr).toMatch(
    /for the API servers beside c1 .127.207.11.1.: c2 .127.207.11.2.: its Kubernetes API: .*ECONNREFUSED 127.207.11.2:6443.*c1 .* is left as it is/,
  );
  expect(exitCode).toBe(1);
  expect(changing()).toEqual([]);
});

test("and is changed when all others are well, and has to be well itself before the next one's turn", async () => {
  world.set({ [c1]: "ours" });
  const alone = { ...member(0), "etcd members": prints.members(members[0] as (typeof members)[0]) };
  world.talosctl({ nodes: { [c1]: alone } });
  api.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c1"], { config: "1" }));
  const failed = await reconfigure("c1", c1, louder, { NODE_TIMEOUT: "1" });
  expect(failed.stderr).toContain("kube-apiserver runs by an older config still");
  expect(failed.stderr).toContain("It keeps the new config, and no further node was touched");
  expect(failed.exitCode).toBe(1);
  api.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c1"]));
  expect(await reconfigure("c1", c1, louder)).toMatchObject({
    exitCode: 0,
    stdout: "c1 (127.207.11.1) was changed: machine.time.disabled.",
  });
  expect(await reconfigure("c1", c1)).toMatchObject({ exitCode: 0, stdout: "c1 (127.207.11.1) was changed: machine.sysctls." });
});

test("a new installer image, of which an installed node makes nothing, is put down without asking anybody", async () => {
  world.set({ [c1]: "ours" });
  const [before, after] = [config("install: {image: a}"), config("install: {image: b}")];
  world.talosctl({ nodes: { [c1]: { ...member(0), "get machineconfig": configs(before, before) } } });
  expect(await reconfigure("c1", c1, after)).toMatchObject({
    exitCode: 0,
    stdout: "c1 (127.207.11.1) was changed: machine.install.image.",
  });
  expect(changing()).toEqual(["apply-config --mode=no-reboot"]);
  expect(world.calls.filter(({ words }) => words.startsWith("etcd"))).toEqual([]);
});

describe("what changes the API server by its files or certificates alone", () => {
  const [before, audited, named] = ["{}", "{auditPolicy: {kind: Policy}}", "{certSANs: [k8s.example.org]}"].map((apiServer) =>
    old.replace("cluster: {}", `cluster: {apiServer: ${apiServer}}`),
  ) as [string, string, string];
  const versionOf = (type: string, version: string) => ({
    [`get ${type}`]: { stdout: JSON.stringify({ metadata: { id: "x", version }, spec: {} }) },
  });
  const plane = (made: Made, policy = "1") => ({
    [c1]: {
      ...member(0),
      ...planeOf("k:v1.36.3", made),
      ...versionOf("auditpolicyconfigs", policy),
      "get machineconfig": configs(before, before),
      "etcd members": prints.members(members[0] as (typeof members)[0]),
    },
  });
  const pods = (made: Made = {}) => api.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c1"], made));
  const until = "apply-config --mode";

  test.each([
    ["files", audited, { files: "1211" }, "cluster.apiServer.auditPolicy"],
    ["certificates", named, { secrets: "2" }, "cluster.apiServer.certSANs"],
  ])("%s: it is proved by the new pod, and the one of before counts for nothing", async (_, config, made, place) => {
    world.set({ [c1]: "ours" });
    const phases: Phase[] = [{ until, nodes: plane({}) }, { nodes: plane(made, "2") }];
    world.talosctl(...phases);
    pods();
    const failed = await reconfigure("c1", c1, config, { NODE_TIMEOUT: "1" });
    expect(failed.stderr).toContain("kube-apiserver runs by an older config still");
    expect(failed.stderr).toContain("no further node was touched");
    expect(failed.exitCode).toBe(1);
    world.talosctl(...phases);
    pods(made);
    expect(await reconfigure("c1", c1, config)).toMatchObject({ exitCode: 0, stdout: `c1 (${c1}) was changed: ${place}.` });
  });

  test("it is waited for where Talos has not made anything of it yet, or cannot", async () => {
    world.set({ [c1]: "ours" });
    pods();
    for (const [policy, why] of [
      ["1", "Talos has not made auditpolicyconfigs of it yet"],
      ["2", "Talos has not written the API server's files by auditpolicyconfigs yet"],
    ] as const) {
      world.talosctl({ until, nodes: plane({}) }, { nodes: plane({}, policy) });
      const { exitCode, stderr } = await reconfigure("c1", c1, audited, { NODE_TIMEOUT: "1" });
      expect(stderr).toContain(why);
      expect(exitCode).toBe(1);
    }
  });

  test("nothing follows it while another's API server has yet to take its own in", async () => {
    world.set({ [c1]: "ours", [c2]: "ours" });
    const second = api.beside(c2);
    for (const [path, resource] of api.resources) second.resources.set(path, resource);
    second.resources.set("/api/v1/namespaces/kube-system/pods", podsOfPlane(["c2"]));
    await second.start();
    world.talosctl({ nodes: { [c1]: member(0), [c2]: { ...member(1), ...planeOf("k:v1.36.3", { files: "1211" }) } } });
    const { exitCode, stderr } = await reconfigure("c1", c1, louder, { NODE_TIMEOUT: "1" });
    await second.stop();
    expect(stderr).toMatch(/for the API servers beside c1 .*: c2 .127\.207\.11\.2.: kube-apiserver runs by an older config still/);
    expect(exitCode).toBe(1);
    expect(changing()).toEqual([]);
  });
});
