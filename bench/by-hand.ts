/** The same cluster by a plain script: talosctl and Helm alone, as fast as they can be called one after the other. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { chartFolder } from "../cluster/chart-folder.ts";
import { revealed } from "../commands/pulumi.ts";
import { readChartCrds } from "../sources/chart-crds.ts";
import { type Lab, root } from "../tests/lab/harness/lab.ts";
import { Course } from "./bring-up.ts";

const helm = join(root, ".lab/tools/helm");

interface State {
  deployment: { resources?: { type: string; inputs?: Record<string, unknown> }[] };
}

/** Builds Helm, which nothing else here needs. */
export async function buildHelm(): Promise<void> {
  await execa("go", ["build", "-buildvcs=false", "-o", helm, "helm.sh/helm/v3/cmd/helm"], { cwd: join(root, "lab/tools/helm") });
}

/** Wipes the machines of a lab whose stack is up, and prepares a script that brings them up again: given the machine configs that the stack made. */
export async function byHand(lab: Lab): Promise<() => Promise<Course>> {
  await lab.writeCredentials();
  const state = JSON.parse(await lab.output("pulumi", "stack", "export", "--show-secrets")) as State;
  const configs = (state.deployment.resources ?? [])
    .filter(({ type }) => type === "talos:machine/configurationApply:ConfigurationApply")
    .map(({ inputs }) => revealed(inputs) as { node: string; machineConfigurationInput: string })
    .map(({ node, machineConfigurationInput }) => {
      const file = join(lab.folder, `${node}.yaml`);
      writeFileSync(file, machineConfigurationInput, { mode: 0o600 });
      return { node, file };
    });
  const machines = await lab.machines();
  for (const { name } of machines) await lab.machine(name, "wipe");
  while ((await lab.machines()).some(({ stage }) => stage !== "maintenance")) await delay(100);
  const first = machines.find(({ type }) => type === "controlplane")?.address ?? "";
  return () => script(lab, configs, first);
}

async function script(lab: Lab, configs: readonly { node: string; file: string }[], first: string): Promise<Course> {
  const course = new Course();
  const at = ["--nodes", first, "--endpoints", first];
  const kubernetes = ["--server", `https://${first}:6443`];
  await Promise.all(configs.map(({ node, file }) => lab.output("talosctl", "apply-config", "--insecure", "--nodes", node, "--file", file)));
  course.reach("first machine configured");
  await until(lab, "talosctl", "bootstrap", ...at);
  course.reach("etcd started");
  await until(lab, "kubectl", "get", "--raw", "/readyz", ...kubernetes);
  course.reach("API server ready");
  await release(lab, first, "kube-system", "cilium");
  course.reach("network installed");
  for (const { name } of await lab.machines())
    await until(lab, "kubectl", "wait", `node/${name}`, "--for=condition=Ready", "--timeout=60s", ...kubernetes);
  course.reach("nodes Ready");
  await release(lab, first, "kube-system", "coredns");
  course.reach("CoreDNS installed");
  const crds = join(lab.folder, "crds.json");
  writeFileSync(crds, JSON.stringify({ apiVersion: "v1", kind: "List", items: await readChartCrds(chartOf("flux-system", "flux2")) }));
  await lab.output("kubectl", "apply", "--server-side", "--filename", crds, ...kubernetes);
  await release(lab, first, "flux-system", "flux2");
  course.reach("Flux installed");
  return course;
}

/** Again and again until it succeeds, as a script does that knows nothing of why it did not. */
async function until(lab: Lab, name: string, ...args: string[]): Promise<void> {
  while ((await lab.tool(name, args)).exitCode !== 0) await delay(100);
}

const chartOf = (namespace: string, name: string) => join(root, chartFolder("lab"), `${namespace}-${name}.tgz`);

async function release(lab: Lab, address: string, namespace: string, name: string): Promise<void> {
  const values = join(root, "apps", namespace, name, "values.yaml");
  const flags = ["--namespace", namespace, "--create-namespace", "--wait", "--kube-apiserver", `https://${address}:6443`];
  await lab.output(helm, "install", name, chartOf(namespace, name), "--values", values, ...flags);
}
