import { controlPlaneOf } from "../kubernetes/api.ts";
import type { Node } from "../script/environment.ts";
import type { Asking } from "../talosctl/asking.ts";
import { bearsName, type Member, memberStatus } from "./members.ts";

/** Whether an etcd member lives, as far as one look tells. */
export type Life =
  /** Somebody answers under its ID, whatever else that one complains of. */
  | { readonly is: "alive"; readonly at: string }
  /** Nobody does. What is busy, or just reboots, looks the same. */
  | { readonly is: "silent" }
  | { readonly is: "unknown"; readonly why: string };

/**
 * Whether anybody answers under a member's ID, asked through a node that is one itself: at every address that etcd has for it, and that discovery has
 * for its name, since a machine may have moved to another one.
 */
export async function lifeOf(asking: Asking, member: Member, by: Node): Promise<Life> {
  const discovered = await controlPlaneOf(asking, by.address);
  if ("problem" in discovered) return { is: "unknown", why: discovered.problem };
  const moved = discovered.value.filter(({ hostname }) => bearsName(member, hostname)).map(({ address }) => address);
  const places = [...new Set([...member.addresses, ...moved])];
  const found = await Promise.all(places.map((address) => lifeAt(asking, member, address, by)));
  return found.find(({ is }) => is === "alive") ?? found.find(({ is }) => is === "unknown") ?? { is: "silent" };
}

async function lifeAt(asking: Asking, { id }: Member, at: string, by: Node): Promise<Life> {
  const status = await memberStatus(asking, at, by.address);
  if ("value" in status) return status.value.id === id ? { is: "alive", at } : { is: "silent" };
  const talos = await asking.talosctl.node(at, ["version"], { through: by.address });
  if (!talos.ok) return { is: "silent" };
  return {
    is: "unknown",
    why: `a node of this cluster is at ${at}, and does not say which member it is (${status.problem}): mend it, or reset it`,
  };
}
