import { describe, expect, test } from "vitest";
import { configs, differs } from "./support/config.ts";
import { config, old, useReconfigurations } from "./support/reconfigurations.ts";
import { controlPlane } from "./support/rolling.ts";
import { type Made, planeOf, podsOfPlane } from "./support/static-pods.ts";
import { type Answer, answers, type Phase, prints } from "./support/world.ts";

const [c1, c2] = ["127.207.64.1", "127.207.64.2"] as const;
const { world, api, kubeconfig, says, reconfigure, changing } = await useReconfigurations(c1, c2);

const members = [
  { hostname: "c1", address: c1 },
  { hostname: "c2", address: c2 },
];
/** The answers of a member that differs in a sysctl, with those of its kind. */
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

test("a control plane node that never joined is changed without asking others", async () => {
  world.set({ [c2]: "ours" });
  world.talosctl({ nodes: { [c2]: { ...says("c2", old, { "apply-config --dry-run": differs }), ...answers.waiting } } });
  expect(await reconfigure("c2", c2)).toMatchObject({ exitCode: 0, stdout: "c2 (127.207.64.2) was changed: machine.sysctls." });
});

test("a member of the control plane is left alone while another one's API server does not answer", async () => {
  world.set({ [c1]: "ours", [c2]: "ours" });
  world.talosctl({ nodes: { [c1]: member(0), [c2]: member(1) } }); // nobody listens at c2's 6443
  const { exitCode, stderr } = await reconfigure("c1", c1, louder, { NODE_TIMEOUT: "1" });
  expect(stderr).toMatch(
    /for the API servers beside c1 .127.207.64.1.: c2 .127.207.64.2.: its Kubernetes API: .*ECONNREFUSED 127.207.64.2:6443.*c1 .* is left as it is/,
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
    stdout: "c1 (127.207.64.1) was changed: machine.time.disabled.",
  });
  expect(await reconfigure("c1", c1)).toMatchObject({ exitCode: 0, stdout: "c1 (127.207.64.1) was changed: machine.sysctls." });
});

test("a new installer image, of which an installed node makes nothing, is put down without asking anybody", async () => {
  world.set({ [c1]: "ours" });
  const [before, after] = [config("install: {image: a}"), config("install: {image: b}")];
  world.talosctl({ nodes: { [c1]: { ...member(0), "get machineconfig": configs(before, before) } } });
  expect(await reconfigure("c1", c1, after)).toMatchObject({
    exitCode: 0,
    stdout: "c1 (127.207.64.1) was changed: machine.install.image.",
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
    expect(stderr).toMatch(/for the API servers beside c1 .*: c2 .127\.207\.64\.2.: kube-apiserver runs by an older config still/);
    expect(exitCode).toBe(1);
    expect(changing()).toEqual([]);
  });
});
