import { runningPairProblem, talosPath } from "../cluster/upgrade-path.ts";
import { declaredMachine } from "./lib/declared.ts";
import type { Environment, Variable } from "./lib/environment.ts";
import { Failure } from "./lib/failure.ts";
import { nameOf } from "./lib/machine.ts";
import { Operation } from "./lib/operation.ts";
import { finishInterrupted, isMember, takeAway } from "./lib/rolling.ts";
import { type RollingNode, rollingNode, rollingVariables } from "./lib/rolling-node.ts";
import { isLeaving, type Running, statusOf, versionOf } from "./lib/running.ts";
import { kubernetesImages, versionsOf } from "./lib/running-kubernetes.ts";
import { script } from "./lib/script.ts";
import { talosctlProblem } from "./lib/talosctl-version.ts";
import { type Look, lookAt } from "./lib/wait.ts";

const variables = [
  ...rollingVariables,
  "TALOS_VERSION",
  "SCHEMATIC_ID",
  "INSTALLER_IMAGE",
  "ALLOW_DOWNGRADE",
] as const satisfies Variable[];

/** Seconds for what goes over a home's internet connection, and onto a slow disk. */
const installTimeout = 3600;

await script({
  name: "upgrade-talos",
  summary: "Brings one node to the declared Talos version and schematic: gated, drained, proved. One that runs them already is left alone.",
  variables,
  run: async (env, signal) => {
    const node = rollingNode(env);
    const operation = new Operation(env, signal);
    await operation.begin();
    if ((await declaredMachine(operation, node)) === "maintenance") {
      return `${nameOf(node)} is in maintenance mode, with nothing to upgrade.`;
    }
    const declared: Running = { version: env.TALOS_VERSION, schematic: env.SCHEMATIC_ID };
    const before = await operation.wait(`what ${nameOf(node)} runs`, () => settled(operation, node));
    if (same(before, declared)) {
      const finished = await finishInterrupted(operation, node, { mayBeIll: true });
      return `${nameOf(node)} runs Talos ${env.TALOS_VERSION}${finished ? ", and is back at its work" : " already"}.`;
    }
    await checkPath(operation, node, before, env);
    await pull(operation, node, env.INSTALLER_IMAGE);
    await takeAway(operation, node, {
      by: "upgrade-talos",
      act: () => install(operation, node, env.INSTALLER_IMAGE),
      proof: async () => {
        const now = await versionOf(operation, node.address);
        return "problem" in now ? { pending: now.problem } : prove(node, { before, declared, now: now.value });
      },
    });
    return `${nameOf(node)} went from ${told(before)} to ${told(declared)}.`;
  },
});

/** What a node runs, unless it is just about to run something else. */
async function settled(operation: Operation, { address }: RollingNode): Promise<Look<Running>> {
  const status = await statusOf(operation, address);
  if ("problem" in status) return { pending: status.problem };
  if (isLeaving(status.value)) return { pending: `it is ${status.value.stage}` };
  return lookAt(await versionOf(operation, address));
}

async function checkPath(
  operation: Operation,
  node: RollingNode,
  before: Running,
  env: Environment<(typeof variables)[number]>,
): Promise<void> {
  const { TALOS_VERSION: declared, ALLOW_DOWNGRADE: allowDowngrade } = env;
  const member = await isMember(operation, node);
  const images = await operation.wait(`what Kubernetes ${nameOf(node)} runs`, async () =>
    lookAt(await kubernetesImages(operation, { ...node, member })),
  );
  const problems = [
    talosPath(before.version, declared, { allowDowngrade }),
    ...versionsOf(images).map((version) => runningPairProblem(before.version, declared, version)),
    await talosctlProblem(operation),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new Failure(`${nameOf(node)} is left as it is. ${problems.join(". ")}.`);
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
  if (same(now, declared)) return { done: undefined };
  if (now.version === declared.version && now.schematic === undefined) return { pending: "it says no schematic yet" };
  const fell = same(now, before) ? "it fell back to what it ran before" : "something else was installed";
  throw new Failure(
    `${nameOf(node)} runs ${told(now)} after its boot, and not ${told(declared)}: ${fell}. It is not tried again over the system that works, and no further ` +
      `node was touched. See why on its console, or in talosctl -n ${node.address} dmesg. Once that is mended, run this again; to stay with ` +
      `${now.version}, declare that.`,
  );
}

function same(a: Running, b: Running): boolean {
  return a.version === b.version && a.schematic === b.schematic;
}

function told({ version, schematic }: Running): string {
  return `Talos ${version} with ${schematic ? `schematic ${schematic.slice(0, 12)}…` : "no schematic"}`;
}
