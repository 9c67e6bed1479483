import { nameOf } from "../node/machine.ts";
import type { Node } from "../script/environment.ts";
import { Failure, reasonOf } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";
import { ask } from "../talosctl/ask.ts";
import { readResources } from "../talosctl/output.ts";
import type { Reply } from "../talosctl/reply.ts";
import type { Result } from "../talosctl/talosctl.ts";
import type { DeclaredConfig } from "./declared-config.ts";

/** What a node says of a config that it is asked about, and not given. */
export interface DryRun {
  /** Nothing would change. */
  readonly same: boolean;
  /** It would reboot. From Talos 1.14 on no node says so. */
  readonly reboots: boolean;
}

/** Asks a running node what a config would change. Its answer holds secrets and goes no further. */
export async function dryRun(operation: Operation, node: Node, config: DeclaredConfig): Promise<Reply<DryRun>> {
  const result = await applyConfig(operation, node, config, "dry run");
  if (!result.ok) return { problem: await wordsOf(result, config) };
  try {
    return { value: readDryRun(result.stderr) };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

/** Gives a running node its config, at once or for its next boot; or a machine in maintenance mode its first one. */
export async function apply(
  operation: Operation,
  node: Node,
  config: DeclaredConfig,
  how: "no-reboot" | "staged" | "first",
): Promise<void> {
  operation.fence();
  const result = await applyConfig(operation, node, config, how);
  if (!result.ok) throw new Failure(`${nameOf(node)} did not take its config: ${await wordsOf(result, config)}`);
}

async function wordsOf({ problem }: Result, config: DeclaredConfig): Promise<string> {
  // What never reached the node cannot quote it.
  return /code = (Unavailable|DeadlineExceeded)|did not end within/.test(problem) ? problem : sayable(problem, config);
}

async function sayable(words: string, { text }: DeclaredConfig): Promise<string> {
  const rejection = await import("../../../cluster/rejection.ts"); // it reads YAML, which takes a while to load
  return rejection.sayable(words, text);
}

async function applyConfig(
  { talosctl }: Operation,
  node: Node,
  config: DeclaredConfig,
  how: "dry run" | "no-reboot" | "staged" | "first",
): Promise<Result> {
  const dry = how === "dry run";
  const mode = dry || how === "first" ? "auto" : how;
  const args = ["apply-config", ...(dry ? ["--dry-run"] : []), `--mode=${mode}`, "--file", "/dev/stdin"];
  const call = { changes: !dry, timeout: 60, input: config.text };
  const result = how === "first" ? await talosctl.maintenance(node.address, args, call) : await talosctl.node(node.address, args, call);
  if (result.ok || !result.problem.includes("code = InvalidArgument")) return result;
  const words = await sayable(result.problem.replace(/^.*code = InvalidArgument desc = /, ""), config);
  throw new Failure(
    `${nameOf(node)} refuses its config, and keeps the one it has: ${words}. Correct the patches, or the Talos version that they are for.`,
  );
}

/** Reads talosctl's summary, which it prints on standard error. */
export function readDryRun(stderr: string): DryRun {
  const summary = /^Dry run summary:\nApplied configuration (with|without) a reboot/m.exec(stderr);
  if (!summary) throw new Error("talosctl printed no summary of the dry run");
  return {
    same: /^No changes\.\s*$/m.test(stderr.slice(summary.index).split("Config diff:\n").at(-1) ?? ""),
    reboots: summary[1] === "with",
  };
}

/** The config that a node runs with, and the one that it has kept for its next boot, which is another after a staged apply. */
export function configsOf(operation: Operation, { address }: Node): Promise<Reply<{ active: string; kept: string }>> {
  return ask(operation, address, ["get", "machineconfig", "-o", "json"], (stdout) => {
    const configs = readConfigs(stdout);
    const active = configs.get("v1alpha1");
    if (active === undefined) throw new Error("it has no machine config yet");
    return { active, kept: configs.get("persistent") ?? active }; // Talos up to 1.10 does not tell what it has kept
  });
}

function readConfigs(stdout: string): Map<string, string> {
  try {
    return new Map(readResources(stdout).map(({ id, spec }) => [id, typeof spec === "string" ? spec : JSON.stringify(spec)]));
  } catch {
    throw new Error("its machine config cannot be read"); // the parser's message would quote it
  }
}
