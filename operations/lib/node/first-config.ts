import { talosPath } from "../../../cluster/upgrade-path.ts";
import { apply } from "../config/apply.ts";
import type { DeclaredConfig } from "../config/declared-config.ts";
import { membersBy } from "../etcd/leave.ts";
import { etcdState } from "../etcd/state.ts";
import { controlPlaneOf } from "../kubernetes/api.ts";
import type { Node } from "../script/environment.ts";
import { Failure } from "../script/failure.ts";
import { GracePeriod } from "../script/grace-period.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import type { Asking } from "../talosctl/asking.ts";
import { sameAddress } from "./addresses.ts";
import { type DeclaredTalos, sameTalos, told } from "./declared-talos.ts";
import { nameOf, occupantOf } from "./machine.ts";
import type { RollingNode } from "./rolling-node.ts";
import { installedTalos, type Running } from "./running.ts";
import { assertSameVariant } from "./secure-boot.ts";

/**
 * Gives a machine in maintenance mode its config where another Talos is on its disk than the declared one, and waits until it runs by it: such a
 * machine does not install anew, and only a node that knows the cluster can be upgraded. Returns false where there is nothing of that: what has
 * no Talos installs the declared one with its first config.
 */
export async function takeIn(operation: Operation, node: Node, config: DeclaredConfig, declared: DeclaredTalos): Promise<boolean> {
  const installed = await operation.wait(`what is on the disk of ${nameOf(node)}`, () => installedTalos(operation, node.address));
  if (!installed) return false;
  await assertSameVariant(operation, node, declared.image, "unconfigured");
  if (sameTalos(installed, declared)) return false;
  checkWay(node, installed, declared);
  operation.say(`${nameOf(node)} has ${told(installed)} on its disk: it is given its config, and upgraded then`);
  await apply(operation, node, config, "first");
  await operation.wait(
    `${nameOf(node)} to take its config in`,
    async (): Promise<Look<void>> => {
      const { is, ...more } = await occupantOf(operation, node);
      if (is === "ours") return { done: undefined };
      return { pending: "why" in more ? more.why : is === "maintenance" ? "it is in maintenance mode still" : "it has another name still" };
    },
    `See its console, or talosctl -n ${node.address} dmesg.`,
  );
  return true;
}

/** Before the machine is touched: once it is a node, nothing but this very way is left. */
function checkWay(node: Node, installed: Running, declared: DeclaredTalos): void {
  const problem = talosPath(installed.version, declared.version, declared);
  if (!problem) return;
  throw new Failure(
    `${nameOf(node)} is left in maintenance mode, with the Talos that is on its disk. ${problem}. Or wipe its disk and boot it from the installation ` +
      "medium (npx pulumi stack output nodes): it then installs what is declared.",
  );
}

/**
 * Waits until a control plane node that was just taken in is a member of etcd, so that what takes it away again asks the others first: it joins by itself.
 * Where nobody is found whom it could join, there is no etcd yet that could be harmed.
 */
export async function awaitJoined(operation: Operation, node: RollingNode): Promise<void> {
  if (node.role === "worker") return;
  const alone = new GracePeriod(operation.gracePeriod);
  await operation.wait(`${nameOf(node)} to join etcd`, async (): Promise<Look<void>> => {
    const { state, why } = await etcdState(operation, node);
    if (state === "member") return { done: undefined };
    const other = state === "waiting" ? await whomToJoin(operation, node) : why;
    if (other) {
      alone.begin();
      return { pending: other };
    }
    if (alone.left() === 0) return { done: undefined };
    return { pending: `${why}, and nobody is found whom it could join; it has ${Math.ceil(operation.gracePeriod)} s` };
  });
}

/** Why a node that waits for etcd may be about to join it; undefined where it has discovered nobody who has an etcd. */
async function whomToJoin(asking: Asking, node: Node): Promise<string | undefined> {
  const discovered = await controlPlaneOf(asking, node.address);
  if ("problem" in discovered) return discovered.problem;
  const names = discovered.value.filter(({ address }) => sameAddress(address, node.address)).map(({ hostname }) => hostname);
  const told = await membersBy(
    asking,
    discovered.value.filter(({ hostname }) => !names.includes(hostname)),
  );
  if (!told) return undefined;
  return "problem" in told ? told.problem : `it has yet to join ${nameOf(told.value.by)}`;
}
