/** `npm run lab` from bare machines to a cluster, again, and down: what a newcomer does, with nothing left behind. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Lab } from "./harness/lab.ts";
import { nodes } from "./harness/nodes.ts";
import { listeningOn } from "./harness/ports.ts";
import { processes } from "./harness/processes.ts";
import { filesHolding, secretValues } from "./harness/secrets.ts";

const lab = new Lab({
  name: "lab",
  stack: "lab",
  set: {
    endpoint: "https://10.102.0.11:6443",
    nodes: nodes("lab", "10.102.0", 3, 1),
  },
});
const addresses = ["127.102.0.11", "127.102.0.12", "127.102.0.13", "127.102.0.21"];

test("brings the lab stack up, changes nothing when run again, keeps its secrets, and goes without a trace", async () => {
  onTestFinished(() => lab.stop());
  const commandLines = new Set<string>();
  const first = await lab.command(["up"], {
    fresh: true,
    watching: () => {
      for (const process of processes()) commandLines.add(process.arguments.join(" "));
    },
  });
  expect(first.exitCode, first.all).toBe(0);
  for (const line of ["lab-ctrl-01", "lab-work-01", "v1.36.3", "cilium", "coredns", "flux2", "deployed", "kubeconfig"]) {
    expect(first.all).toContain(line);
  }

  await lookWithKubectl();
  await lookWithTalosctl();

  const second = await lab.command(["up"]);
  expect(second.exitCode, second.all).toBe(0);
  expect(second.all).toMatch(/\d+ unchanged/);
  expect(second.all).not.toMatch(/\d+ (created|updated|replaced|deleted)/);

  const preview = await lab.tool("pulumi", ["preview", "--diff", "--non-interactive", "--color=never"]);
  expect(preview.exitCode, String(preview.all)).toBe(0);
  const secrets = secretValues(JSON.parse(await lab.output("pulumi", "stack", "export", "--show-secrets")));
  expect(secrets.length).toBeGreaterThan(20);
  expect(filesHolding(secrets, [join(lab.folder, "state"), join(lab.folder, "logs"), join(lab.folder, "pulumi", "workspaces")])).toEqual(
    [],
  );
  for (const [what, text] of [
    ["npm run lab", first.all],
    ["npm run lab again", second.all],
    ["pulumi preview", String(preview.all)],
    ["a command line", [...commandLines].join("\n")],
  ] as const) {
    expect(secrets.filter((value) => text.includes(value)).length, `secret values in ${what}`).toBe(0);
  }

  await destroy();

  await lab.stop();
  expect(processes().filter((process) => process.arguments.some((argument) => argument.includes(lab.folder)))).toEqual([]);
  expect(listeningOn("127.102.")).toEqual([]);
});

async function lookWithKubectl(): Promise<void> {
  expect(statSync(join(lab.folder, "kubeconfig")).mode & 0o777).toBe(0o600);
  expect(lab.read("kubeconfig")).toContain("https://127.102.0.11:6443");
  const nodes = JSON.parse(await lab.output("kubectl", "get", "nodes", "-o", "json")) as { items: KubernetesNode[] };
  expect(
    nodes.items
      .map((node) => [
        node.metadata.name,
        node.status.nodeInfo.kubeletVersion,
        node.status.conditions.find((c) => c.type === "Ready")?.status,
      ])
      .sort(),
  ).toEqual(["lab-ctrl-01", "lab-ctrl-02", "lab-ctrl-03", "lab-work-01"].map((name) => [name, "v1.36.3", "True"]));
  const namespaces = await lab.output("kubectl", "get", "namespaces", "-o", "name");
  expect(namespaces.split("\n")).toEqual(expect.arrayContaining(["namespace/kube-system", "namespace/flux-system"]));
  const pods = JSON.parse(await lab.output("kubectl", "get", "pods", "-A", "-o", "json")) as {
    items: { metadata: { name: string }; status: { phase: string } }[];
  };
  expect(pods.items.filter((pod) => pod.status.phase !== "Running").map((pod) => pod.metadata.name)).toEqual([]);
  for (const name of ["cilium", "coredns", "source-controller"])
    expect(
      pods.items.some((pod) => pod.metadata.name.startsWith(name)),
      name,
    ).toBe(true);
}

interface KubernetesNode {
  metadata: { name: string };
  status: { nodeInfo: { kubeletVersion: string }; conditions: { type: string; status: string }[] };
}

async function lookWithTalosctl(): Promise<void> {
  expect(statSync(join(lab.folder, "talosconfig")).mode & 0o777).toBe(0o600);
  const node = ["-n", "127.102.0.11", "-e", "127.102.0.11"];
  const health = await lab.tool("talosctl", ["health", ...node, "--wait-timeout=2m"]);
  expect(health.exitCode, String(health.all)).toBe(0);
  expect(await lab.output("talosctl", "services", ...node)).toMatch(/etcd\s+Running\s+OK/);
  const members = await lab.output("talosctl", "etcd", "members", ...node);
  for (const name of ["lab-ctrl-01", "lab-ctrl-02", "lab-ctrl-03"]) expect(members).toContain(name);
  expect((await lab.output("talosctl", "dmesg", ...node)).length).toBeGreaterThan(0);
  expect((await lab.output("talosctl", "logs", "kubelet", ...node)).length).toBeGreaterThan(0);
  expect(await lab.output("talosctl", "get", "machineconfig", ...node, "-o", "yaml")).toContain("clusterName: lab");
}

async function destroy(): Promise<void> {
  const refused = await lab.begin("destroy").process;
  expect(refused.exitCode).not.toBe(0);
  expect(refused.all).toMatch(/protect|allowDestroy/);
  expect((await lab.machines()).every((machine) => machine.configured)).toBe(true);
  expect(await lab.output("kubectl", "get", "deployments", "-A", "-o", "name")).toContain("source-controller");

  await lab.config("allowDestroy", "true");
  await lab.up();
  const destroyed = await lab.begin("destroy").process;
  expect(destroyed.exitCode, destroyed.all).toBe(0);
  expect((await lab.machines()).map((machine) => machine.stage)).toEqual(addresses.map(() => "maintenance"));
  const state = JSON.parse(await lab.output("pulumi", "stack", "export")) as { deployment: { resources?: unknown[] } };
  expect(state.deployment.resources ?? []).toEqual([]);
}

test("the derived stack file and every other file of the lab are inside its folder, readable by their owner alone where they hold secrets", () => {
  expect(statSync(lab.folder).mode & 0o077).toBe(0);
  const secret = readdirSync(lab.folder).filter((name) => /passphrase|kubeconfig|talosconfig/.test(name));
  expect(secret).not.toEqual([]);
  for (const name of secret) expect(statSync(join(lab.folder, name)).mode & 0o077, name).toBe(0);
  expect(existsSync(join(lab.folder, "Pulumi.lab.yaml"))).toBe(true);
  expect(readFileSync(join(lab.folder, "Pulumi.lab.yaml"), "utf8")).toContain("127.102.0.11");
});
