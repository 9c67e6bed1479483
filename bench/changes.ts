/** What it takes to change a cluster that runs. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Lab, type Machine, root } from "../tests/lab/harness/lab.ts";
import { controlPlane, workers } from "./nodes.ts";
import { line, timed } from "./report.ts";
import { figures, seconds } from "./statistics.ts";

/** A Talos upgrade of every node of a cluster, against what the nodes themselves take to go and come back: as quick as the lab's are, and slower. */
export async function talosUpgrades(lab: Lab, quick: string, slow: string): Promise<void> {
  await lab.writeCredentials();
  await talosUpgrade(lab, quick);
  // Machines of metal take a minute or more, of which a lab's is a fiftieth.
  const machines = await lab.machines();
  for (const { name } of machines) await lab.fault(name, "slow");
  line("the same, each boot 15 s slower", "");
  await talosUpgrade(lab, slow);
}

async function talosUpgrade(lab: Lab, version: string): Promise<void> {
  const machines = await lab.machines();
  let own = 0;
  for (const machine of machines) own += await timed(() => restarted(lab, machine));
  await lab.config("talosVersion", version);
  const took = await timed(() => lab.up());
  line("its nodes rebooted by hand, one after the other", `${own.toFixed(1)} s`);
  line(`pulumi up, Talos ${version} on the same nodes`, `${took.toFixed(1)} s`);
  line("  against that", `${(took / own).toFixed(2)} times`);
  line("  what it adds, for each node", `${((took - own) / machines.length).toFixed(1)} s`);
}

/** Reboots a machine, undrained and unasked, and waits until it is back: a control plane node when its API server is ready. */
async function restarted(lab: Lab, { name, address, type, bootID }: Machine): Promise<void> {
  await lab.output("talosctl", "reboot", "--wait=false", "-n", address, "-e", address);
  const isBack = async () => {
    const now = (await lab.machines()).find((machine) => machine.name === name);
    if (now?.stage !== "running" || now.bootID === bootID) return false;
    if (type !== "controlplane") return true;
    const ready = await lab.tool("kubectl", ["get", "--raw", "/readyz", "--server", `https://${address}:6443`]);
    return ready.exitCode === 0;
  };
  while (!(await isBack())) await delay(100);
}

const cilium = "apps/kube-system/cilium";

/** What one more node costs when a patch of all nodes changes that needs no reboot, in a single lane. */
export async function onePatch(): Promise<void> {
  const medians: number[] = [];
  const sizes = [2, 50];
  for (const size of sizes) medians.push(await patched(size));
  const [few = 0, many = 0] = medians;
  line("  one more node", `${((many - few) / 48).toFixed(2)} s`);
}

async function patched(size: number): Promise<number> {
  const name = `bench-patch-${size}`;
  const folder = `.lab/tests/${name}-files`;
  const patch = (value: number) => {
    const file = join(root, folder, "patches/global/sysctls.yaml");
    writeFileSync(file, `machine:\n  sysctls:\n    vm.max_map_count: "${262_144 + value}"\n`);
  };
  mkdirSync(join(root, folder, "patches/global"), { recursive: true });
  // The network is all that nodes need to be ready.
  for (const file of ["release.yaml", "values.yaml"]) cpSync(join(root, cilium, file), join(root, folder, cilium, file));
  const nodes = [...controlPlane(1), ...workers(size - 1)];
  const set = { endpoint: "https://10.140.0.1:6443", nodes, patches: `${folder}/patches`, apps: `${folder}/apps` };
  const lab = new Lab({ name, stack: "lab", set });
  try {
    patch(0);
    await lab.start();
    await lab.up();
    const times: number[] = [];
    for (let round = 1; round <= 3; round++) {
      patch(round);
      times.push(await timed(() => lab.up()));
    }
    line(`pulumi up, one patch changed on ${size} nodes`, seconds(figures(times)));
    return figures(times).median;
  } finally {
    await lab.stop();
    rmSync(join(root, folder), { recursive: true, force: true });
  }
}
