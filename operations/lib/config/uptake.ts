import { filesWritten, type MadeAnew } from "../../../cluster/live-changes.ts";
import { reasonOf } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import type { Look } from "../script/wait.ts";
import { readResources } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";

/** What of a node shows that Talos has taken a config in. */
export interface Sight {
  /** The versions of what Talos makes of a config, by its type. */
  readonly versions: Readonly<Record<string, string>>;
  /** When the kubelet that runs was started, by the node's clock; undefined while none does. */
  readonly kubeletStarted: string | undefined;
}

/** Milliseconds after which a change is held to have come to nothing: it said in other words what was there. */
const longest = 30_000;

/** What a node shows now of what Talos is to make anew. */
export async function sightOf({ talosctl }: Operation, address: string, anew: MadeAnew): Promise<Reply<Sight>> {
  const types = [...new Set(["kubeletspecs", ...anew.resources, ...(anew.files.length > 0 ? [filesWritten] : [])])];
  const answers = await Promise.all(["services", ...types].map((type) => talosctl.node(address, ["get", type, "-o", "json"])));
  const failed = answers.find(({ ok }) => !ok);
  if (failed) return { problem: failed.problem };
  try {
    const [services = [], ...made] = answers.map(({ stdout }) => readResources(stdout));
    const versions = types.map((type, i) => [type, made[i]?.map(({ version }) => version).join()]);
    return { value: { versions: Object.fromEntries(versions), kubeletStarted: services.find(({ id }) => id === "kubelet")?.created } };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

/**
 * Whether Talos has begun with all that it does for a config: what it makes of the changes has another version than before, the files by it too, and
 * where that is the kubelet's, the kubelet was stopped and started for it. Until then all may look well, and be of before.
 * @param since when the config was given, as performance.now() has it
 */
export function tookIn(before: Sight, now: Sight, { resources, files }: MadeAnew, since: number): Look<void> {
  const changed = (type: string) => now.versions[type] !== before.versions[type];
  const missing = resources.filter((type) => !changed(type));
  if (missing.length > 0 && performance.now() - since < longest) return { pending: `Talos has not made ${missing.join(", ")} of it yet` };
  // A policy that it cannot read keeps it from that for good: it is not checked when the config is applied.
  if (files.some(changed) && !changed(filesWritten)) {
    return { pending: `Talos has not written the API server's files by ${files.filter(changed).join(", ")} yet` };
  }
  const stale = changed("kubeletspecs") && now.kubeletStarted === before.kubeletStarted;
  return stale ? { pending: "its kubelet is yet to be started again" } : { done: undefined };
}
