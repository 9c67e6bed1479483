import type { Asking } from "./asking.ts";
import type { Node } from "./environment.ts";
import { reasonOf } from "./failure.ts";
import { isCalled } from "./machine.ts";
import { readTable } from "./talosctl-output.ts";

/** A member, as etcd's own list has it. */
export interface Member {
  /** Empty for one that was added and has never started. */
  readonly hostname: string;
  readonly address: string;
  readonly learner: boolean;
}

/** Asks a control plane node for etcd's members; a sentence where it does not answer. */
export async function membersOf({ talosctl }: Asking, address: string): Promise<Member[] | string> {
  const answer = await talosctl.node(address, ["etcd", "members"]);
  if (!answer.ok) return answer.problem;
  try {
    return readTable(answer.stdout).map(readMember);
  } catch (error) {
    return reasonOf(error);
  }
}

function readMember(row: Record<string, string>): Member {
  const { HOSTNAME: hostname = "", "PEER URLS": peers = "", LEARNER: learner } = row;
  if (learner !== "true" && learner !== "false") throw new Error("talosctl's list of etcd members has another form than is known");
  const address = new URL(peers.split(",")[0] ?? "").hostname.replace(/^\[|\]$/g, "");
  return { hostname, address, learner: learner === "true" };
}

/** Whether a member answers for itself and knows a leader. */
export async function memberAnswers({ talosctl }: Asking, { address }: Member): Promise<boolean> {
  const answer = await talosctl.node(address, ["etcd", "status"]);
  if (!answer.ok) return false;
  try {
    const [row] = readTable(answer.stdout);
    return row?.LEADER !== undefined && /[1-9a-f]/.test(row.LEADER) && row.ERRORS === "";
  } catch {
    return false;
  }
}

/** How a control plane node may go. */
export type Removal =
  /** It leaves etcd, which keeps its quorum, and is then reset. */
  | { readonly removal: "graceful" }
  /** It is the last member: etcd ends with it. */
  | { readonly removal: "last" }
  | { readonly removal: "refused"; readonly why: string };

/** Judges by etcd's live members, never by the declared list. */
export function judgeRemoval(members: readonly Member[], node: Node, answers: (member: Member) => boolean): Removal {
  const isNode = (member: Member) => isCalled([member.hostname], node.hostname) || member.address === node.address;
  const voters = members.filter((member) => !member.learner);
  const others = voters.filter((member) => !isNode(member));
  if (others.length === voters.length) return { removal: "graceful" }; // it has no vote: a learner, or no member
  if (others.length === 0) return { removal: "last" };

  const quorum = Math.floor(others.length / 2) + 1;
  const silent = others.filter((member) => !answers(member));
  if (others.length - silent.length >= quorum) return { removal: "graceful" };
  const names = silent.map((member) => `${member.hostname || "unnamed"} (${member.address})`).join(", ");
  return { removal: "refused", why: `of the ${others.length} other members ${quorum} have to be healthy, and these are not: ${names}` };
}
