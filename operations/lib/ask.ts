import type { Asking } from "./asking.ts";
import { reasonOf } from "./failure.ts";
import type { Reply } from "./reply.ts";
import type { Call } from "./talosctl.ts";

/** Asks a configured node by talosctl, and reads what it prints; what `read` throws on is no answer either. */
export async function ask<T>(
  { talosctl }: Asking,
  address: string,
  args: readonly string[],
  read: (stdout: string) => T,
  call: Call = {},
): Promise<Reply<T>> {
  const answer = await talosctl.node(address, args, call);
  if (!answer.ok) return { problem: answer.problem };
  try {
    return { value: read(answer.stdout) };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}
