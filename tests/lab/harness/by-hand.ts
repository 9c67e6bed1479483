/** A cluster made as its owner would without this project: by talosctl and Helm, from a secrets file that is kept in "1Password". */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { parse } from "yaml";
import { appKey } from "../../../cluster/apps.ts";
import { type DeclaredNode, declareNodes } from "../../../cluster/declaration.ts";
import { type Bundle, bundleValues } from "../../../cluster/secrets/bundle.ts";
import { generateConfig } from "../../../commands/talosctl.ts";
import { provideChart } from "../../../sources/charts.ts";
import { readStackFile } from "../../../sources/stack-file.ts";
import { readWritten, type Written } from "../../../sources/written.ts";
import { type Lab, root } from "./lab.ts";

/** What the lab's stack declares, with the lab's addresses. */
export const declaredIn = (lab: Lab): Written => readWritten(root, readStackFile(lab.folder, `Pulumi.${lab.options.stack}.yaml`));

/** Makes a secrets file, and keeps its values where the stack's references find them. */
export async function keepSecrets(lab: Lab, { cluster, template }: Written): Promise<string> {
  const secrets = await lab.output("talosctl", "gen", "secrets", "--talos-version", cluster.talosContract, "--output-file", "-");
  const made = new Map(bundleValues(parse(secrets) as Bundle));
  const values = bundleValues(parse(template?.text ?? "") as Bundle).map(([key, reference]) => [reference, made.get(key)]);
  const others = JSON.parse(lab.read("values.json")) as object;
  writeFileSync(join(lab.folder, "values.json"), JSON.stringify({ ...others, ...Object.fromEntries(values) }), { mode: 0o600 });
  return secrets;
}

/** Image Factory's form, `talosctl gen config`, `apply-config` and `bootstrap`; the lab's kubeconfig and talosconfig then let an administrator in. */
export async function makeCluster(lab: Lab, written: Written, secrets: string): Promise<void> {
  const { cluster } = written;
  const nodes = declareNodes(written);
  for (const node of nodes) {
    const { status } = await fetch(`${cluster.imageFactoryUrl}/schematics`, { method: "POST", body: node.image.text });
    if (status !== 201) throw new Error(`Image Factory answers ${status}`);
    const file = join(lab.folder, `${node.hostname}.yaml`);
    writeFileSync(file, await generateConfig({ ...cluster, ...node }, secrets), { mode: 0o600 });
    await lab.output("talosctl", "apply-config", "--insecure", "--nodes", node.address, "--file", file);
    rmSync(file);
  }
  const [first] = nodes.filter(({ role }) => role === "controlplane") as [DeclaredNode];
  const file = join(lab.folder, "talosconfig");
  writeFileSync(file, await generateConfig({ ...cluster, ...first, role: "talosconfig" }, secrets), { mode: 0o600 });
  const at = ["--nodes", first.address, "--endpoints", first.address];
  await eventually(lab, "talosctl", "bootstrap", ...at);
  await eventually(lab, "talosctl", "kubeconfig", "--force", join(lab.folder, "kubeconfig"), ...at);
  // The endpoint may be announced by what is yet to be installed.
  await lab.output("kubectl", "config", "set-cluster", cluster.clusterName, `--server=https://${first.address}:6443`);
  await eventually(lab, "kubectl", "get", "--raw", "/readyz");
}

/** Installs the declared releases, with their definitions. */
export async function install(lab: Lab, { cluster, apps }: Written): Promise<void> {
  // As the lab tells the program.
  if (cluster.chartMirror) vi.stubEnv("PHOEBE_STAND_IN_CHARTS", cluster.chartMirror);
  const charts = await Promise.all(apps.apps.map((app) => provideChart(root, cluster, app)));
  for (const [index, { path, crds }] of charts.entries()) {
    const app = apps.apps[index];
    if (!app) throw new Error(`no release for ${path}`);
    if (crds.length > 0) {
      const file = join(lab.folder, `${appKey(app).replace("/", "-")}-crds.json`);
      writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: crds }));
      await lab.output("kubectl", "apply", "--server-side", "--filename", file);
    }
  }
  const releases = apps.apps.map(({ name, namespace, values, crds }, index) => {
    const chart = join(root, charts[index]?.path ?? "");
    return { name, namespace, values, chart, skipCrds: crds };
  });
  const options = {
    cwd: join(root, "tests/lab/installed"),
    env: {
      RELEASES: JSON.stringify(releases),
      PULUMI_BACKEND_URL: `file://${lab.folder}`,
      PULUMI_OPTION_CONFIG_FILE: join(lab.folder, "Pulumi.installed.yaml"),
    },
  };
  for (const words of [
    ["stack", "init"],
    ["up", "--yes", "--skip-preview", "--non-interactive"],
    ["stack", "rm", "--yes", "--force"],
  ]) {
    const result = await lab.tool("pulumi", words, options);
    if (result.exitCode !== 0) throw new Error(`pulumi ${words[0]} ended with ${result.exitCode}:\n${String(result.all)}`);
  }
}

/** Runs a tool until it succeeds: what it speaks to is on its way. The test's own time limit ends it. */
async function eventually(lab: Lab, name: string, ...args: string[]): Promise<void> {
  while ((await lab.tool(name, args)).exitCode !== 0);
}
