import { reasonOf } from "../script/failure.ts";
import type { Asking } from "./asking.ts";
import type { Reply } from "./reply.ts";
import type { Call, Result } from "./talosctl.ts";

/** Asks a configured node by talosctl, and reads what it prints; what `read` throws on is no answer either. */
export async function ask<T>(
  { talosctl }: Asking,
  address: string,
  args: readonly string[],
  read: (stdout: string) => T,
  call: Call = {},
): Promise<Reply<T>> {
  return readBack(await talosctl.node(address, args, call), read);
}

/** Asks a machine in maintenance mode in the same way, which tells anybody what it tells at all. */
export async function askUnconfigured<T>(
  { talosctl }: Asking,
  address: string,
  args: readonly string[],
  read: (stdout: string) => T,
): Promise<Reply<T>> {
  return readBack(await talosctl.maintenance(address, args), read);
}

function readBack<T>(answer: Result, read: (stdout: string) => T): Reply<T> {
  if (!answer.ok) return { problem: answer.problem };
  try {
    return { value: read(answer.stdout) };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}
