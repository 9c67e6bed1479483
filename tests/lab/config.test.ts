/** A changed patch reaches every node: at once where Talos takes it at once, one node after the other where it needs a reboot. */
import { expect, test } from "vitest";
import { overlaps } from "./harness/absences.ts";
import { networkAlone } from "./harness/apps.ts";
import { allReady, kubernetesNodes } from "./harness/kubernetes.ts";
import type { Lab } from "./harness/lab.ts";
import { boots, look, talosVersions, upgrades } from "./harness/machines.ts";
import { type LabNode, node, nodes } from "./harness/nodes.ts";
import { StackFiles } from "./harness/stack-files.ts";
import { startLab } from "./harness/start.ts";
import { step } from "./harness/story.ts";

const older = { talosVersion: "v1.12.7", talosContract: "v1.12", kubernetesVersion: "v1.35.4" };

const sysctl = (value: number) => `machine:\n  sysctls:\n    vm.max_map_count: "${value}"\n`;
const file = (content: string) =>
  `machine:\n  files:\n    - { path: /var/etc/rehearsed, permissions: 0o644, op: create, content: ${content} }\n`;

/** What reaches the API server by files alone. */
const audited = `cluster:
  apiServer:
    certSANs: [rehearsed.example.org]
    auditPolicy: { apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{ level: None }] }
`;

/** A document that Talos has from 1.13 on. */
const newDocument = "apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules:\n  - { image: registry.k8s.io/*, skip: true }\n";

test("a patch is taken in at once where Talos does so, and otherwise one node after the other reboots into it", async () => {
  const declared = nodes("conf", "10.128.0", 3, 1);
  const files = new StackFiles("config");
  files.virtualIp("10.128.0.8");
  files.patch("global/sysctls.yaml", sysctl(100_000));
  const lab = await startLab({
    name: "config",
    stack: "lab",
    set: { endpoint: "https://10.128.0.8:6443", apps: networkAlone("config"), ...files.set, ...older, nodes: declared },
  });
  await step("three control plane nodes and a worker", () => lab.up());
  await lab.writeCredentials();

  await step("a patch that needs no reboot", async () => {
    files.patch("global/sysctls.yaml", sysctl(200_000));
    expect(await bootsOf(lab, () => lab.up())).toEqual({});
    await eachHas(lab, declared, "200000");
  });

  await step("a policy and a certificate, which the API server of one node after the other is started anew by", async () => {
    const [first = "", ...others] = declared.filter(({ role }) => role === "controlplane").map(({ hostname }) => hostname);
    await lab.fault(first, "late-pods");
    files.patch("controller/api-server.yaml", audited);
    expect(await bootsOf(lab, () => lab.up())).toEqual({});
    await lab.fault(first, "mend");
    const uptakes = await Promise.all([first, ...others].map((hostname) => uptakeOf(lab, hostname)));
    const times = uptakes.flatMap(({ configured, started }) => [configured, started]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  await step("another name of the cluster is refused, and is taken back", async () => {
    const before = look(lab);
    await lab.config("clusterName", "other");
    for (const verb of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { exitCode, all } = await lab.tool("pulumi", [...verb, "--non-interactive", "--color=never"]);
      expect(exitCode, verb[0]).not.toBe(0);
      expect(String(all), verb[0]).toMatch(/clusterName is other, and this stack's cluster is called lab.*Set it back/s);
      expect(String(all), verb[0]).not.toMatch(/other-(removal|secrets|guard|configuration)\S*-(command|generated|apply) created/);
    }
    await lab.config("clusterName", "lab");
    await lab.up();
    expect(boots(await before, await look(lab))).toEqual({});
    expect(Object.keys(await lab.up())).toEqual(["same"]);
  });

  await step("a patch that needs a reboot", async () => {
    files.patch("global/files.yaml", file("first"));
    expect(await bootsOf(lab, () => lab.up())).toEqual(times(1, declared));
    await eachHas(lab, declared, "content: first");
    expect(await kubernetesNodes(lab)).toEqual(ready(declared));
  });
  expect((await lab.etcdClusters()).map((members) => members.split(" ").length)).toEqual([3]);
  expect(overlaps(await lab.machines())).toEqual([]);
});

test("a Talos version comes together with a patch that only it knows, one that needs a reboot there, and a further node", async () => {
  const [first, worker, further] = [
    node("new", "10.131.0", "controlplane", 1),
    node("new", "10.131.0", "worker", 1),
    node("new", "10.131.0", "worker", 2),
  ];
  const files = new StackFiles("config-new");
  const lab = await startLab({
    name: "config-new",
    stack: "lab",
    set: { endpoint: "https://10.131.0.11:6443", apps: networkAlone("config-new"), ...files.set, ...older, nodes: [first, worker] },
  });
  await step("Talos 1.12 on a control plane node and a worker", () => lab.up());
  await lab.writeCredentials();

  await step("Talos 1.13, a patch that only it knows, and a further worker", async () => {
    const before = await look(lab);
    files.patch("global/images.yaml", newDocument);
    await lab.declare({ talosVersion: "v1.13.3", nodes: [first, worker, further] });
    await lab.up();
    expect(upgrades(before, await look(lab))).toEqual(times(1, [first, worker]));
    await eachRuns(lab, [first, worker, further], "v1.13.3", "kind: ImageVerificationConfig");
  });

  await step("Talos 1.14, which never reboots by itself, and a patch that needs it", async () => {
    const before = await look(lab);
    files.patch("global/files.yaml", file("second"));
    await lab.declare({ talosVersion: "v1.14.0" });
    expect(await bootsOf(lab, () => lab.up())).toEqual(times(2, [first, worker, further]));
    expect(upgrades(before, await look(lab))).toEqual(times(1, [first, worker, further]));
    await eachRuns(lab, [first, worker, further], "v1.14.0", "content: second");
  });

  await step("on Talos 1.14 a patch that needs no reboot", async () => {
    files.patch("global/sysctls.yaml", sysctl(300_000));
    expect(await bootsOf(lab, () => lab.up())).toEqual({});
    await eachHas(lab, [first, worker, further], "300000");
    expect(await lab.up()).toEqual({ same: expect.any(Number) });
  });
  expect(overlaps(await lab.machines())).toEqual([]);
});

const times = (count: number, nodes: readonly LabNode[]) => Object.fromEntries(nodes.map(({ hostname }) => [hostname, count]));
const ready = (nodes: readonly LabNode[]) => allReady(...nodes.map(({ hostname }) => hostname));

/** How often each machine booted meanwhile. */
async function bootsOf(lab: Lab, run: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await look(lab);
  await run();
  return boots(before, await look(lab));
}

/** When a control plane node was given its config, and when its API server was started last: in milliseconds, to the second. */
async function uptakeOf(lab: Lab, hostname: string): Promise<{ configured: number; started: number }> {
  const address = (await look(lab))[hostname]?.address ?? "";
  const config = await lab.output("talosctl", "get", "machineconfig", "v1alpha1", "-o", "json", "-n", address, "-e", address);
  const pod = await lab.output("kubectl", "get", "pod", "--namespace=kube-system", `kube-apiserver-${hostname}`, "--output=json");
  const { updated } = (JSON.parse(config) as { metadata: { updated: string } }).metadata;
  const { creationTimestamp } = (JSON.parse(pod) as { metadata: { creationTimestamp: string } }).metadata;
  return { configured: Date.parse(updated), started: Date.parse(creationTimestamp) };
}

/** Each node's own machine config has that text. */
async function eachHas(lab: Lab, nodes: readonly LabNode[], text: string): Promise<void> {
  const machines = await look(lab);
  for (const { hostname } of nodes) {
    const address = machines[hostname]?.address ?? "";
    const config = await lab.output("talosctl", "get", "machineconfig", "v1alpha1", "-o", "yaml", "-n", address, "-e", address);
    expect(config, hostname).toContain(text);
  }
}

/** Each node runs that Talos, has that text in its config, is Ready and takes pods. */
async function eachRuns(lab: Lab, nodes: readonly LabNode[], talosVersion: string, text: string): Promise<void> {
  expect(talosVersions(await look(lab))).toEqual(Object.fromEntries(nodes.map(({ hostname }) => [hostname, talosVersion])));
  await eachHas(lab, nodes, text);
  expect(await kubernetesNodes(lab)).toEqual(ready(nodes));
}
