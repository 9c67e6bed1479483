import { ask } from "./ask.ts";
import type { Asking } from "./asking.ts";
import { reasonOf } from "./failure.ts";
import type { Reply } from "./reply.ts";
import { readSpec, readSpecs, readVersion } from "./talosctl-output.ts";
import type { Look } from "./wait.ts";

/** What a node of ours runs, as it says itself. */
export interface Running {
  /** Of Talos, such as v1.13.3. */
  readonly version: string;
  /** The schematic's ID, which the installer leaves as an extension of that name; undefined where there is none. */
  readonly schematic: string | undefined;
}

/** The Talos that a node runs. */
export async function versionOf(asking: Asking, address: string): Promise<Reply<Running>> {
  const [version, extensions] = await Promise.all([
    ask(asking, address, ["version"], readVersion),
    ask(asking, address, ["get", "extensions", "-o", "json"], (stdout) => ({ schematic: schematicIn(stdout) })),
  ]);
  if ("problem" in version) return version;
  if ("problem" in extensions) return extensions;
  return { value: { version: version.value, ...extensions.value } };
}

function schematicIn(extensions: string): string | undefined {
  const all = readSpecs(extensions) as { metadata?: { name?: string; version?: string } }[];
  return all.find(({ metadata }) => metadata?.name === "schematic")?.metadata?.version;
}

/**
 * The Talos on the disk of a machine in maintenance mode, by what Talos itself goes by: where there is no META it installs what its first config
 * names, and there is none. Nobody but an administrator may ask such a machine for its version before Talos 1.13, so the resource is asked.
 */
export async function installedTalos({ talosctl }: Asking, address: string): Promise<Look<Running | undefined>> {
  const get = (...what: string[]) => talosctl.maintenance(address, ["get", ...what, "-o", "json"]);
  const meta = await get("volumestatus", "META");
  if (!meta.ok) return { pending: meta.problem };
  try {
    const { phase } = readSpec(meta.stdout) as { phase?: string };
    if (phase === "missing") return { done: undefined };
    if (phase !== "ready") return { pending: `its META partition is ${phase}` };
    const [version, extensions] = await Promise.all([get("version", "version"), get("extensions")]);
    if (!version.ok) return { pending: version.problem };
    if (!extensions.ok) return { pending: extensions.problem };
    const { version: tag } = readSpec(version.stdout) as { version?: string };
    return tag ? { done: { version: tag, schematic: schematicIn(extensions.stdout) } } : { pending: "it says no version" };
  } catch (error) {
    return { pending: reasonOf(error) };
  }
}

/** The ID of a node's current boot: another one means that it was away. */
export function bootId(asking: Asking, address: string): Promise<Reply<string>> {
  return ask(asking, address, ["read", "/proc/sys/kernel/random/boot_id"], (stdout) => {
    const id = stdout.trim();
    if (!id) throw new Error("it says no boot ID");
    return id;
  });
}

/** What a machine is doing. */
export interface MachineStatus {
  /** In Talos's words: booting, running, rebooting, … */
  readonly stage: string;
  /** Whether Talos finds all well with it: its services, its static pods, its Kubernetes Node. */
  readonly ready: boolean;
}

/** What a node is doing. */
export function statusOf(asking: Asking, address: string): Promise<Reply<MachineStatus>> {
  return ask(asking, address, ["get", "machinestatus", "machine", "-o", "json"], (stdout) => {
    const { stage, status } = readSpec(stdout) as { stage?: string; status?: { ready?: boolean } };
    if (!stage) throw new Error("it says no stage");
    return { stage, ready: stage === "running" && status?.ready === true };
  });
}

/** Whether a node still answers from a boot that is about to end. */
export function isLeaving({ stage }: MachineStatus): boolean {
  return ["rebooting", "shutting down", "resetting", "upgrading", "installing"].includes(stage);
}

/** A node's Kubernetes Node, as the node itself last saw it; undefined where it knows of none. */
export function nodeStatusOf(
  asking: Asking,
  address: string,
): Promise<Reply<{ readonly unschedulable?: boolean; readonly annotations?: Readonly<Record<string, string>> } | undefined>> {
  return ask(asking, address, ["get", "nodestatus", "-o", "json"], (stdout) => readSpecs(stdout)[0] as object | undefined);
}

/** The name of a node's Kubernetes Node. */
export function nodenameOf(asking: Asking, address: string): Promise<Reply<string>> {
  return ask(asking, address, ["get", "nodename", "nodename", "-o", "json"], (stdout) => {
    const { nodename } = readSpec(stdout) as { nodename?: string };
    if (!nodename) throw new Error("it has no Kubernetes name yet");
    return nodename;
  });
}

/** The addresses by which others reach a control plane node, which is asked `through` another one: all that it has, but for those of pods and services. */
export function addressesOf(asking: Asking, address: string, through: string): Promise<Reply<string[]>> {
  return ask(
    asking,
    address,
    ["get", "nodeaddress", "routed-no-k8s", "-o", "json"],
    (stdout) => {
      const { addresses } = readSpec(stdout) as { addresses?: string[] };
      if (!addresses?.length) throw new Error("it says no address of its own");
      return addresses.map((prefix) => prefix.replace(/\/\d+$/, ""));
    },
    { through },
  );
}
