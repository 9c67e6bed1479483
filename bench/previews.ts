/** What a preview without changes spends its time on: it is run many times a day. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "../tests/lab/harness/lab.ts";
import { controlPlane, workers } from "./nodes.ts";
import { line, timed } from "./report.ts";
import { figures, seconds } from "./statistics.ts";

const rounds = 7;

/** A program that declares nothing, and one that has each of the stack's plugins do one thing: the floor under every preview. */
const programs = {
  empty: "export {};\n",
  plugins: `import { Command } from "@pulumi/command/local/command.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import * as talos from "@pulumiverse/talos";
new Command("command", { create: "true" });
new talos.machine.Secrets("secrets", {});
const provider = new Provider("kubernetes", { kubeconfig: process.env.KUBECONFIG });
new Namespace("namespace", { metadata: { name: "bench" } }, { provider });
`,
} as const;

/** Previews of phoebe, in turn with those of the two programs. */
export async function previewsOfPhoebe(): Promise<void> {
  const nodes = controlPlane(1);
  const lab = new Lab({ name: "bench-phoebe", stack: "phoebe", set: { endpoint: "https://10.140.0.1:6443", nodes } });
  try {
    await lab.start();
    await lab.up();
    await lab.writeCredentials();
    const empty = await program(lab, "empty");
    const plugins = await program(lab, "plugins");
    const times: Record<"empty" | "plugins" | "stack" | "up", number[]> = { empty: [], plugins: [], stack: [], up: [] };
    for (let round = 0; round < rounds; round++) {
      times.empty.push(await timed(() => preview(lab, empty)));
      times.plugins.push(await timed(() => preview(lab, plugins)));
      times.stack.push(await timed(() => preview(lab)));
      times.up.push(await timed(() => lab.up()));
    }
    const median = (of: keyof typeof times) => figures(times[of]).median;
    line("pulumi preview, an empty program", seconds(figures(times.empty)));
    line("pulumi preview, a program with the same plugins", seconds(figures(times.plugins)));
    line("pulumi preview, phoebe unchanged", seconds(figures(times.stack)));
    line("  against the empty program", `${(median("stack") / median("empty")).toFixed(2)} times`);
    line("  against the same plugins", `${(median("stack") / median("plugins")).toFixed(2)} times`);
    line("pulumi up, phoebe unchanged", seconds(figures(times.up)));
  } finally {
    await lab.stop();
  }
}

/** What one more node costs in a preview without changes, of clusters that run. */
export async function previewsByNodes(sizes: readonly number[]): Promise<void> {
  const medians: number[] = [];
  for (const size of sizes) {
    const nodes = [...controlPlane(1), ...workers(size - 1)];
    const lab = new Lab({
      name: `bench-${size}`,
      stack: "lab",
      set: { endpoint: "https://10.140.0.1:6443", nodes, allowSchedulingOnControlPlanes: true },
    });
    try {
      await lab.start();
      await lab.up();
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await timed(() => preview(lab)));
      line(`pulumi preview, unchanged, ${size} node${size === 1 ? "" : "s"}`, seconds(figures(times)));
      medians.push(figures(times).median);
    } finally {
      await lab.stop();
    }
  }
  const [least = 0, most = 0] = [sizes[0], sizes.at(-1)];
  line("  one more node", `${((((medians.at(-1) ?? 0) - (medians[0] ?? 0)) / (most - least)) * 1000).toFixed(0)} ms`);
}

type Elsewhere = Parameters<Lab["tool"]>[2];

async function preview(lab: Lab, elsewhere?: Elsewhere): Promise<void> {
  await pulumi(lab, ["preview"], elsewhere);
}

async function pulumi(lab: Lab, args: readonly string[], elsewhere?: Elsewhere): Promise<void> {
  const { exitCode, all } = await lab.tool("pulumi", [...args, "--non-interactive"], elsewhere);
  if (exitCode !== 0) throw new Error(String(all));
}

/** Makes a program and its stack, in a folder of the lab, and brings it up. */
async function program(lab: Lab, name: keyof typeof programs): Promise<Elsewhere> {
  const folder = join(lab.folder, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "Pulumi.yaml"), `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`);
  writeFileSync(join(folder, "package.json"), `{ "name": "${name}", "private": true, "type": "module", "main": "index.ts" }\n`);
  writeFileSync(join(folder, "index.ts"), programs[name]);
  const elsewhere = { cwd: folder, env: { PULUMI_OPTION_STACK: "", PULUMI_OPTION_CONFIG_FILE: "" } };
  await pulumi(lab, ["stack", "init", name], elsewhere);
  await pulumi(lab, ["up", "--yes", "--skip-preview"], elsewhere);
  return elsewhere;
}
