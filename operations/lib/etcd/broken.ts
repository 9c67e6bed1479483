import { controlPlaneOf } from "../kubernetes/api.ts";
import { sameAddress } from "../node/addresses.ts";
import { nameOf } from "../node/machine.ts";
import { serviceAilment } from "../node/service.ts";
import type { Node } from "../script/environment.ts";
import { GracePeriod } from "../script/grace-period.ts";
import type { Operation } from "../script/operation.ts";
import { type Look, lookAt } from "../script/wait.ts";
import type { Reply } from "../talosctl/reply.ts";
import { type Asked, ailments, askAll } from "./ailments.ts";
import { etcdMemberOf, membersBy } from "./leave.ts";
import { alarmsAt, type Member, memberStatus } from "./members.ts";

/** What is beside a node whose own etcd is ill: the other members, and the one that named them, which is reachable from here. */
export interface Beside {
  readonly members: readonly Member[];
  readonly by: readonly Node[];
}

/**
 * Whether it is a member's own etcd alone that is ill, so that its config may be what stops it: returns the members beside it, all of them well,
 * and none where it is the only one. Such a node is out of the quorum, and to take it away costs nothing. Undefined where its etcd is well, or
 * becomes so; a failure where anything beside it is ill too, or not known.
 */
export async function brokenEtcd(operation: Operation, node: Node): Promise<Beside | undefined> {
  const illness = new GracePeriod(operation.gracePeriod);
  return operation.wait(
    `etcd on ${nameOf(node)}`,
    async (): Promise<Look<Beside | undefined>> => {
      const ailment = await serviceAilment(operation, node.address, "etcd");
      if ("problem" in ailment) return { pending: ailment.problem };
      if (!ailment.value) return { done: undefined };
      const beside = await wellBeside(operation, node);
      if ("problem" in beside) {
        illness.begin();
        return { pending: `${ailment.value}; ${beside.problem}` };
      }
      if (illness.left() === 0) return { done: beside.value };
      return { pending: `${ailment.value}, and all is well beside it; it has ${Math.ceil(operation.gracePeriod)} s to start` };
    },
    remedy(node),
  );
}

/** Waits until all members beside one whose own etcd is ill are well, and returns them. */
export function awaitBeside(operation: Operation, node: Node): Promise<Beside> {
  return operation.wait(`etcd beside ${nameOf(node)}`, async () => lookAt(await wellBeside(operation, node)), remedy(node));
}

async function wellBeside(operation: Operation, node: Node): Promise<Reply<Beside>> {
  const discovered = await controlPlaneOf(operation, node.address);
  if ("problem" in discovered) return discovered;
  const names = discovered.value.filter(({ address }) => sameAddress(address, node.address)).map(({ hostname }) => hostname);
  if (names.length === 0) return { problem: "it has not even discovered itself, so the members beside it are not known" };
  const peers = discovered.value.filter(({ hostname }) => !names.includes(hostname));
  const told = await membersBy(operation, peers);
  if (told && "problem" in told) return told;
  if (!told) {
    const own = await memberStatus(operation, node.address);
    return "problem" in own ? { value: { members: [], by: [] } } : { problem: "it answers for itself, and nobody else is known" };
  }
  const { by, members } = told.value;
  const [asked, alarms] = await Promise.all([askAll(operation, members, by.address), alarmsAt(operation, by.address)]);
  if ("problem" in alarms) return alarms;
  const well = judgeBeside(asked, node, alarms.value);
  return "problem" in well ? well : { value: { members: well.value, by: [by] } };
}

/** Judges by etcd's live members: the ill one has to be a voter under its own name, and each of the others well, with a leader among them. */
export function judgeBeside(etcd: readonly Asked[], node: Node, alarms: readonly string[]): Reply<readonly Member[]> {
  const found = etcdMemberOf(
    etcd.map(({ member }) => member),
    node,
  );
  if ("problem" in found) return found;
  const own = found.value;
  if (!own || own.learner || own.hostname === "") {
    return { problem: `etcd does not have it as a member that has started: reset it, and raise its generation in the stack file` };
  }
  const beside = etcd.filter(({ member }) => member !== own);
  const problems = [...ailments(beside), ...alarms.map((alarm) => `alarm ${alarm}`)];
  const leads = (id: string) => beside.some(({ status }) => "value" in status && status.value.leader === id);
  if (problems.length === 0 && !beside.some(({ member }) => leads(member.id))) problems.push("none of the members beside it leads");
  return problems.length > 0 ? { problem: problems.join("; ") } : { value: beside.map(({ member }) => member) };
}

function remedy({ address }: Node): string {
  return (
    "It is left as it is, and so are the others: only where all beside it is well is a config given to a node whose etcd is not. Repair those first, " +
    `then run this again; or correct its config by hand: talosctl -n ${address} edit machineconfig, and a reboot.`
  );
}
