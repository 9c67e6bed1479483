import { awaitBeside, type Beside, brokenEtcd } from "../etcd/broken.ts";
import { awaitSpared, sparesNode } from "../etcd/gate.ts";
import { etcdState } from "../etcd/state.ts";
import { loadClient } from "../kubernetes/client.ts";
import type { CordonedBy } from "../kubernetes/cordon.ts";
import { evacuate, reopen, takeBack, tryToReopen } from "../kubernetes/evacuation.ts";
import { wasLeftCordoned } from "../kubernetes/left-cordoned.ts";
import { byItself, throughOthers } from "../kubernetes/node-object.ts";
import { Failure, RunEnded } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { type Look, lookAt } from "../script/wait.ts";
import { healthy } from "./health.ts";
import { identify, nameOf } from "./machine.ts";
import { type RollingNode, stopped } from "./rolling-node.ts";
import { bootId, isLeaving, statusOf } from "./running.ts";

/** What takes a node away. */
export interface Step {
  readonly by: CordonedBy;
  /** Where the node's own etcd is ill alone: what is beside it. What is known to be out of the quorum already is spared without further ado. */
  readonly beside?: Beside;
  /** Makes the node reboot; a Failure where it refuses. */
  readonly act: () => Promise<void>;
  /** Whether the node came back as it was to; throws a Failure once it is plain that it did not. */
  readonly proof: () => Promise<Look<void>>;
}

/**
 * The one way in which a node goes away: etcd can spare it, it is cordoned and drained, another member leads, it goes, comes back in a new
 * boot as it was to, is healthy, and is uncordoned. Killed at any point it is begun again, and what was done is found done: the cordon's
 * mark stays until all is proved.
 */
export async function takeAway(operation: Operation, node: RollingNode, step: Step): Promise<void> {
  const [member, boot] = await Promise.all([
    isMember(operation, node),
    operation.wait(nameOf(node), async () => lookAt(await bootId(operation, node.address))),
    loadClient(),
  ]);
  if (member && !step.beside) await awaitSpared(operation, node);
  const find = step.beside ? throughOthers(operation, node, step.beside.by) : byItself(operation, node);
  if (hasPods(node, member)) await evacuate(operation, node, find, { by: step.by, timeout: node.drainTimeout, returns: true });
  let asked = false;
  try {
    if (step.beside) await awaitBeside(operation, node);
    else if (member) await sparesNode(operation, node);
    operation.fence();
    asked = true;
    await step.act();
  } catch (error) {
    if (!(error instanceof Failure) || error instanceof RunEnded || operation.signal.aborted) throw error;
    if (!asked || (await stays(operation, node, boot))) {
      if (hasPods(node, member)) await takeBack(operation, node, find);
      throw error;
    }
    operation.say(`${error.message} But it may be going, so it is waited for.`);
  }
  await awaitReturn(operation, node, boot);
  await operation.wait(`what ${nameOf(node)} runs now`, () => proveOrReopen(operation, node, step, member), stopped(node));
  await recover(operation, node, member);
}

/** A node that came back as something else than it was to is at work all the same: pods may return to it, if Kubernetes can be told at once. */
async function proveOrReopen(operation: Operation, node: RollingNode, { proof }: Step, member: boolean): Promise<Look<void>> {
  try {
    return await proof();
  } catch (error) {
    if (error instanceof Failure && !(error instanceof RunEnded) && hasPods(node, member)) {
      const reopened = await tryToReopen(operation, byItself(operation, node));
      operation.say(`${nameOf(node)} ${"problem" in reopened ? `stays cordoned: ${reopened.problem}` : "is uncordoned"}`);
    }
    throw error;
  }
}

/** What is known of a node that a killed run may have left. */
export interface Interrupted {
  /** What was found of a cordon since this script holds the lock: no other one sets any. Asked for where it is not given. */
  readonly cordon?: Look<boolean>;
  /** Whether a node whose etcd alone is ill may stay as it is: its config stops it, and comes later. */
  readonly mayBeIll?: boolean;
}

/** Finishes what a killed run left: a node that a script cordoned is proved healthy and uncordoned. Returns false when there was nothing, or it stays as it is. */
export async function finishInterrupted(operation: Operation, node: RollingNode, { cordon, mayBeIll }: Interrupted = {}): Promise<boolean> {
  const found = cordon ?? (await wasLeftCordoned(operation, node));
  if ("done" in found && !found.done) return false;
  if (mayBeIll && (await isMember(operation, node)) && (await brokenEtcd(operation, node))) {
    operation.say(`${nameOf(node)} stays as it is: its etcd is for its config to mend`);
    return false;
  }
  if (!(await operation.wait(`the Node of ${nameOf(node)}`, () => wasLeftCordoned(operation, node)))) return false;
  operation.say(`${nameOf(node)} was left cordoned by a run that was interrupted`);
  await recover(operation, node, await isMember(operation, node));
  return true;
}

/** What is no member of a cluster yet runs nothing that could be moved. */
function hasPods({ role }: RollingNode, member: boolean): boolean {
  return role === "worker" || member;
}

/** Whether a node of ours is a member of etcd: not one that was configured and never joined. Waits until that is known. */
export async function isMember(operation: Operation, node: RollingNode): Promise<boolean> {
  if (node.role === "worker") return false;
  return operation.wait(`etcd on ${nameOf(node)}`, async (): Promise<Look<boolean>> => {
    const { state, why } = await etcdState(operation, node);
    return state === "member" || state === "waiting" ? { done: state === "member" } : { pending: why };
  });
}

/** Whether a node that was to go is plainly still there. Where it does not say, it may be on its way. */
async function stays(operation: Operation, node: RollingNode, boot: string): Promise<boolean> {
  const [now, status] = await Promise.all([bootId(operation, node.address), statusOf(operation, node.address)]);
  return "value" in now && now.value === boot && "value" in status && !isLeaving(status.value);
}

async function awaitReturn(operation: Operation, node: RollingNode, boot: string): Promise<void> {
  await operation.wait(
    `${nameOf(node)} to come back`,
    async (): Promise<Look<void>> => {
      const machine = await identify(operation, node);
      if (machine.is === "unknown") return { pending: machine.why };
      if (machine.is === "foreign") throw new Failure(`${nameOf(node)} came back as somebody else's: ${machine.why}. ${stopped(node)}`);
      if (machine.is === "maintenance") {
        throw new Failure(
          `${nameOf(node)} came back empty, in maintenance mode: it lost its disk, or boots another one. To set it up anew raise its ` +
            `generation in the stack file. ${stopped(node)}`,
        );
      }
      const now = await bootId(operation, node.address);
      if ("problem" in now) return { pending: now.problem };
      return now.value === boot ? { pending: "it has not rebooted yet" } : { done: undefined };
    },
    stopped(node),
  );
}

/** Back to work: healthy first, then open for pods. */
async function recover(operation: Operation, node: RollingNode, member: boolean): Promise<void> {
  await operation.wait(`${nameOf(node)} to be healthy`, () => healthy(operation, { ...node, member }), stopped(node));
  if (hasPods(node, member)) await reopen(operation, node, byItself(operation, node));
}
