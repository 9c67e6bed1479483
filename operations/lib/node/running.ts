import type { Look } from "../script/wait.ts";
import { ask, askUnconfigured } from "../talosctl/ask.ts";
import type { Asking } from "../talosctl/asking.ts";
import { readSpec, readSpecs, readVersion } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import type { Call } from "../talosctl/talosctl.ts";

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
export async function installedTalos(asking: Asking, address: string): Promise<Look<Running | undefined>> {
  const get = <T>(what: string[], read: (stdout: string) => T) => askUnconfigured(asking, address, ["get", ...what, "-o", "json"], read);
  const phase = await get(["volumestatus", "META"], (stdout) => (readSpec(stdout) as { phase?: string }).phase);
  if ("problem" in phase) return { pending: phase.problem };
  if (phase.value === "missing") return { done: undefined };
  if (phase.value !== "ready") return { pending: `its META partition is ${phase.value}` };
  const [version, schematic] = await Promise.all([
    get(["version", "version"], (stdout) => (readSpec(stdout) as { version?: string }).version),
    get(["extensions"], schematicIn),
  ]);
  if ("problem" in version) return { pending: version.problem };
  if ("problem" in schematic) return { pending: schematic.problem };
  return version.value ? { done: { version: version.value, schematic: schematic.value } } : { pending: "it says no version" };
}

/**
 * Whether the Talos that a machine runs is of the SecureBoot variant: the firmware demands it, or the image brought the key that its measurements are
 * signed with, which no other image has.
 */
export function runsSecureBoot(asking: Asking, address: string, how: "configured" | "unconfigured"): Promise<Reply<boolean>> {
  const asked = how === "configured" ? ask : askUnconfigured;
  return asked(asking, address, ["get", "securitystate", "securitystate", "-o", "json"], (stdout) => {
    const { secureBoot, pcrSigningKeyFingerprint } = readSpec(stdout) as { secureBoot?: boolean; pcrSigningKeyFingerprint?: string };
    if (secureBoot === undefined) throw new Error("it does not say whether it runs with SecureBoot");
    return secureBoot || Boolean(pcrSigningKeyFingerprint);
  });
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
export function nodenameOf(asking: Asking, address: string, call: Call = {}): Promise<Reply<string>> {
  return ask(
    asking,
    address,
    ["get", "nodename", "nodename", "-o", "json"],
    (stdout) => {
      const { nodename } = readSpec(stdout) as { nodename?: string };
      if (!nodename) throw new Error("it has no Kubernetes name yet");
      return nodename;
    },
    call,
  );
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
