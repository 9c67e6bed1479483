import { runningPairProblem, talosPath } from "../../../cluster/upgrade-path.ts";
import { isNewerMinor } from "../../../cluster/versions.ts";
import { configsOf } from "../config/apply.ts";
import { kubernetesImages, versionsOf } from "../kubernetes/running-kubernetes.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { type Look, lookAt } from "../script/wait.ts";
import { talosctlProblem } from "../talosctl/version.ts";
import { type DeclaredTalos, sameTalos, told } from "./declared-talos.ts";
import { nameOf } from "./machine.ts";
import { isMember, takeAway } from "./rolling.ts";
import type { RollingNode } from "./rolling-node.ts";
import { isLeaving, type Running, statusOf, versionOf } from "./running.ts";

/** Seconds for what goes over a home's internet connection, and onto a slow disk. */
const installTimeout = 3600;

/** What a node of ours runs, unless it is just about to run something else. */
export function runningTalos(operation: Operation, node: RollingNode): Promise<Running> {
  return operation.wait(`what ${nameOf(node)} runs`, async (): Promise<Look<Running>> => {
    const status = await statusOf(operation, node.address);
    if ("problem" in status) return { pending: status.problem };
    if (isLeaving(status.value)) return { pending: `it is ${status.value.stage}` };
    return lookAt(await versionOf(operation, node.address));
  });
}

/** Brings a node from what it runs to what is declared: gated, drained, proved. Says what came of it; where there is no way it is left as it is. */
export async function upgradeTalos(operation: Operation, node: RollingNode, before: Running, declared: DeclaredTalos): Promise<string> {
  await checkPath(operation, node, before, declared);
  await pull(operation, node, declared.image);
  await takeAway(operation, node, {
    by: "upgrade-talos",
    act: () => install(operation, node, declared.image),
    proof: async () => {
      const now = await versionOf(operation, node.address);
      return "problem" in now ? { pending: now.problem } : prove(node, { before, declared, now: now.value });
    },
  });
  return `${nameOf(node)} went from ${told(before)} to ${told(declared)}.`;
}

async function checkPath(operation: Operation, node: RollingNode, before: Running, declared: DeclaredTalos): Promise<void> {
  const member = await isMember(operation, node);
  const images = await operation.wait(`what Kubernetes ${nameOf(node)} runs`, async () =>
    lookAt(await kubernetesImages(operation, { ...node, member })),
  );
  const problems = [
    talosPath(before.version, declared.version, declared),
    ...versionsOf(images).map((version) => runningPairProblem(before.version, declared.version, version)),
    ...(await configProblems(operation, node, before, declared)),
    await talosctlProblem(operation),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new Failure(`${nameOf(node)} is left as it is. ${problems.join(". ")}.`);
}

/**
 * What stands against an older minor version in the config that it would boot with: of what it cannot read it takes nothing in, and opens no API by which
 * it could be given another one. The kept config may wait for that boot.
 */
async function configProblems(operation: Operation, node: RollingNode, before: Running, declared: DeclaredTalos): Promise<string[]> {
  if (!isNewerMinor(before.version, declared.version)) return [];
  const { active, kept } = await operation.wait(`the machine config of ${nameOf(node)}`, async () =>
    lookAt(await configsOf(operation, node)),
  );
  const { unknownTo } = await import("../../../cluster/talos-since.ts"); // it reads YAML, which takes a while to load
  const places = [...new Set([active, kept].flatMap((config) => unknownTo(declared.version, config)))];
  if (places.length === 0) return [];
  return [
    `Talos ${declared.version} does not know what its machine config has: ${places.join(", ")}; it would not come back from its boot. Take that out of ` +
      `the patches and npm run up with talosVersion ${before.version}; go back in an up of its own after that`,
  ];
}

/** Fetches the image while the node is at its work: it is then away for the installation alone, and not at all where there is no image. */
async function pull(operation: Operation, node: RollingNode, image: string): Promise<void> {
  operation.fence();
  operation.say(`${nameOf(node)} pulls ${image}`);
  const args = ["image", "pull", "--namespace", "system", image];
  const pulled = await operation.talosctl.node(node.address, args, { timeout: installTimeout, changes: true, progress: operation.say });
  if (pulled.ok) return;
  throw new Failure(
    `${nameOf(node)} is left as it is, for it cannot pull ${image}: ${pulled.problem}. No further node was touched. Does the node reach ` +
      `${image.split("/", 1)[0]}, and is there such a version and schematic? Mend that and run this again.`,
  );
}

/** Installs and reboots; whether it may, and whether it did, is for us to judge. Of talosctl's own checks and waits only those that cannot be had otherwise. */
async function install(operation: Operation, node: RollingNode, image: string): Promise<void> {
  operation.say(`${nameOf(node)} installs ${image}`);
  // Up to Talos 1.12 the node itself refuses one of two etcd members, which has been allowed here by its owner.
  const force = node.allowQuorumLoss ? ["--force"] : [];
  const args = ["upgrade", "--image", image, "--drain=false", "--wait=false", ...force];
  const done = await operation.talosctl.node(node.address, args, { timeout: installTimeout, changes: true, progress: operation.say });
  if (!done.ok) throw new Failure(`${nameOf(node)} did not install ${image}: ${done.problem}`);
}

/** Judges what a node runs after its boot. */
function prove(node: RollingNode, { before, declared, now }: { before: Running; declared: Running; now: Running }): Look<void> {
  if (sameTalos(now, declared)) return { done: undefined };
  if (now.version === declared.version && now.schematic === undefined) return { pending: "it says no schematic yet" };
  const fell = sameTalos(now, before) ? "it fell back to what it ran before" : "something else was installed";
  throw new Failure(
    `${nameOf(node)} runs ${told(now)} after its boot, and not ${told(declared)}: ${fell}. It is not tried again over the system that works, and no further ` +
      `node was touched. See why on its console, or in talosctl -n ${node.address} dmesg. Once that is mended, run this again; to stay with ` +
      `${now.version}, declare that.`,
  );
}
