import { type Change, changesBetween, placeOf } from "../../../cluster/config-changes.ts";
import { imagesIn, setBack } from "../../../cluster/kubernetes-images.ts";
import { areInert, areQuiet, isByVersion, needingReboot } from "../../../cluster/live-changes.ts";
import { othersAreWell } from "../kubernetes/control-plane.ts";
import { type DeclaredTalos, sameTalos } from "../node/declared-talos.ts";
import { awaitJoined } from "../node/first-config.ts";
import { nameOf } from "../node/machine.ts";
import { finishInterrupted, isMember, takeAway } from "../node/rolling.ts";
import type { RollingNode } from "../node/rolling-node.ts";
import { runningTalos, upgradeTalos } from "../node/talos-upgrade.ts";
import { Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { ask } from "../talosctl/ask.ts";
import { readVersion } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import { type Answers, askAbout } from "./answers.ts";
import { apply, dryRun } from "./apply.ts";
import { changeLive } from "./change-live.ts";
import type { DeclaredConfig } from "./declared-config.ts";

/**
 * Brings a running node to its declared config: at once where that will do, otherwise by a reboot that the cluster can spare.
 * @param answers what the node has just said of it
 * @returns the sentence that says what came of it
 */
export async function reconfigure(
  operation: Operation,
  node: RollingNode,
  { config, talos }: { readonly config: DeclaredConfig; readonly talos: DeclaredTalos },
  answers: Answers,
): Promise<string> {
  const { cordon } = answers;
  let known: Answers | undefined = answers;
  const need = await operation.wait(`what ${nameOf(node)} says of its config`, async () => {
    const found = await needBy(known ?? (await askAbout(operation, node, config)), operation, node, config);
    known = undefined;
    return found;
  });
  if (need.is === "nothing") {
    // A config that waits for the next boot, and is declared no longer, would come into force then.
    if (need.other) await apply(operation, node, config, "no-reboot");
    // It was taken in with the Talos that it had, now or by a run that was interrupted.
    const runs = await runningTalos(operation, node);
    if (!sameTalos(runs, talos)) {
      await awaitJoined(operation, node);
      return upgradeTalos(operation, node, runs, talos);
    }
    await finishInterrupted(operation, node, { cordon });
    return `${nameOf(node)} is as declared.`;
  }
  refuseOlder(node, need.running, config);
  const places = [...new Set(need.changes.map(placeOf))].join(", ") || "its form";
  const inert = need.is === "live" && areInert(need.changes);
  const member = !inert && (await isMember(operation, node));
  const beside = member ? await othersAreWell(operation, node, need.is === "live" && areQuiet(need.changes)) : undefined;
  if (beside) operation.say(`${nameOf(node)} is out of etcd's quorum, and all is well beside it: it alone is given its config`);
  if (need.is === "live") {
    operation.say(`${nameOf(node)} changes at once: ${places}`);
    if (inert) await apply(operation, node, config, "no-reboot");
    else await changeLive(operation, { ...node, member }, config, need.changes);
    await finishInterrupted(operation, node, { cordon });
    return `${nameOf(node)} was changed: ${places}.`;
  }
  operation.say(`${nameOf(node)} changes by a reboot: ${places}`);
  await takeAway(operation, node, {
    by: "reconfigure",
    beside,
    act: () => applyAndReboot(operation, node, config),
    proof: () => provesSame(operation, node, config),
  });
  return `${nameOf(node)} was changed, with a reboot: ${places}.`;
}

/** What it takes to bring a node to its declared config. */
type Need =
  /** It has it; `other` when another one waits for its next boot. */
  | { readonly is: "nothing"; readonly other: boolean }
  | { readonly is: "live" | "reboot"; readonly changes: readonly Change[]; readonly running: string };

async function needBy(
  { changes: answer, configs }: Answers,
  operation: Operation,
  node: RollingNode,
  config: DeclaredConfig,
): Promise<Look<Need>> {
  if ("problem" in answer) return { pending: answer.problem };
  if ("problem" in configs) return { pending: configs.problem };
  const { active, kept } = configs.value;
  if (answer.value.same) return { done: { is: "nothing", other: changesBetween(active, kept).length > 0 } };

  const changes = changesBetween(active, config.text);
  const reboot = answer.value.reboots ? { value: true } : await needsReboot(operation, node, changes);
  return "problem" in reboot ? { pending: reboot.problem } : { done: { is: reboot.value ? "reboot" : "live", changes, running: active } };
}

async function needsReboot(operation: Operation, node: RollingNode, changes: readonly Change[]): Promise<Reply<boolean>> {
  if (!isByVersion(changes)) return { value: needingReboot(changes).length > 0 };
  return ask(operation, node.address, ["version"], (stdout) => needingReboot(changes, readVersion(stdout)).length > 0);
}

/** Kubernetes does not go back, and what it runs is not for a node's config to say. */
function refuseOlder(node: RollingNode, running: string, config: DeclaredConfig): void {
  const older = setBack(imagesIn(running), imagesIn(config.text));
  if (older.length === 0) return;
  throw new Failure(
    `${nameOf(node)} keeps its config, which would set back ${older.join(", ")}. Kubernetes has no way back to an older version: ` +
      "declare in the stack file the version that runs (kubernetesVersion), and no older image in a patch.",
  );
}

async function applyAndReboot(operation: Operation, node: RollingNode, config: DeclaredConfig): Promise<void> {
  await apply(operation, node, config, "staged");
  operation.fence();
  operation.say(`rebooting ${nameOf(node)}`);
  const asked = await operation.talosctl.node(node.address, ["reboot", "--wait=false"], { changes: true });
  if (!asked.ok) throw new Failure(`${nameOf(node)} did not accept its reboot: ${asked.problem}`);
}

async function provesSame(operation: Operation, node: RollingNode, config: DeclaredConfig): Promise<Look<void>> {
  const answer = await dryRun(operation, node, config);
  if ("problem" in answer) return { pending: answer.problem };
  return answer.value.same ? { done: undefined } : { pending: "it came back with another config than the declared one" };
}
