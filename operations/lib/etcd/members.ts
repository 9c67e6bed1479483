import { isCalled, withoutDomain } from "../node/machine.ts";
import { ask } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readTable } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";

/** A member, as etcd's own list has it. */
export interface Member {
  /** Hexadecimal, 16 digits. */
  readonly id: string;
  /** Empty for one that was added and has never started. */
  readonly hostname: string;
  /** Where the other members find it: the first is its node's own choice, and need not be the declared address, nor be reachable from here. */
  readonly addresses: readonly [string, ...string[]];
  readonly learner: boolean;
}

/** What a member says of itself. */
export interface MemberStatus {
  readonly id: string;
  /** The ID of the member that leads; undefined where it knows none. */
  readonly leader: string | undefined;
  /** What etcd says is wrong there; empty when nothing is. */
  readonly errors: string;
}

/** Asks a control plane node for etcd's members. */
export function membersOf(asking: Asking, address: string): Promise<Reply<Member[]>> {
  return ask(asking, address, ["etcd", "members"], (stdout) => readTable(stdout).map(readMember));
}

function readMember(row: Record<string, string>): Member {
  const { ID: id, HOSTNAME: hostname = "", "PEER URLS": peers = "", LEARNER: learner } = row;
  if (!id || (learner !== "true" && learner !== "false")) {
    throw new Error("talosctl's list of etcd members has another form than is known");
  }
  const [first = "", ...more] = peers.split(",");
  const addressIn = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, "");
  return { id, hostname, addresses: [addressIn(first), ...more.map(addressIn)], learner: learner === "true" };
}

/** Asks a node for the status of its own member, `through` another one where that is said. */
export function memberStatus(asking: Asking, address: string, through?: string): Promise<Reply<MemberStatus>> {
  return ask(asking, address, ["etcd", "status"], readStatus, { through });
}

function readStatus(stdout: string): MemberStatus {
  const { MEMBER: id, LEADER: leader, ERRORS: errors } = readTable(stdout)[0] ?? {};
  if (!id || !leader || errors === undefined) throw new Error("talosctl's status of an etcd member has another form than is known");
  return { id, leader: /[^0]/.test(leader) ? leader : undefined, errors };
}

/** etcd as one of its nodes tells of it. */
export interface Membership {
  /** The node's own member, with what it says of itself. */
  readonly own: Member;
  readonly status: MemberStatus;
  readonly others: readonly Member[];
}

/** Asks a control plane node for etcd's members, and which of them it is itself: its own etcd says, by the ID. */
export async function membershipOf(asking: Asking, address: string): Promise<Reply<Membership>> {
  const [status, members] = await Promise.all([memberStatus(asking, address), membersOf(asking, address)]);
  if ("problem" in status) return status;
  if ("problem" in members) return members;
  const own = members.value.find(({ id }) => id === status.value.id);
  if (!own) return { problem: `its own etcd member, ${status.value.id}, is not among those that etcd has` };
  return { value: { own, status: status.value, others: members.value.filter((member) => member !== own) } };
}

/** What etcd's alarms say, one line each; none where there is none. */
export function alarmsAt(asking: Asking, address: string): Promise<Reply<string[]>> {
  return ask(asking, address, ["etcd", "alarm", "list"], (stdout) => {
    if (stdout.trim() === "") return [];
    return readTable(stdout).map(({ MEMBER: member, ALARM: alarm }) => `${alarm} at member ${member}`);
  });
}

/** "c1 (10.60.0.10)", or what there is of it. */
export function memberName({ hostname, addresses }: Member): string {
  return `${hostname || "unnamed"} (${addresses.join(", ")})`;
}

/** Whether a member bears a node's name, of which etcd knows the first part only. */
export function bearsName({ hostname }: Member, name: string): boolean {
  return isCalled([name, withoutDomain(name)], hostname);
}

/** How a control plane node may go. */
export type Removal =
  /** It leaves etcd, which keeps its quorum, and is then reset. */
  | { readonly removal: "graceful" }
  /** It is the last member: etcd ends with it. */
  | { readonly removal: "last" }
  | { readonly removal: "refused"; readonly why: string };

/** Judges by etcd's live members, never by the declared list, and by those of them that are well. `own` is the node's; undefined where it has none. */
export function judgeRemoval(members: readonly Member[], own: Member | undefined, well: ReadonlySet<Member>): Removal {
  const voters = members.filter((member) => !member.learner);
  const others = voters.filter(({ id }) => id !== own?.id);
  if (others.length === voters.length) return { removal: "graceful" }; // it has no vote: a learner, or no member
  if (others.length === 0) return { removal: "last" };

  const quorum = Math.floor(others.length / 2) + 1;
  const ill = others.filter((member) => !well.has(member));
  if (others.length - ill.length >= quorum) return { removal: "graceful" };
  const names = ill.map(memberName).join(", ");
  return {
    removal: "refused",
    why: `etcd would lose its quorum: of the ${others.length} other members ${quorum} have to be healthy, and these are not: ${names}`,
  };
}
