import { setTimeout as delay } from "node:timers/promises";
import { plainly } from "../talosctl/plainly.ts";
import type { Reply } from "../talosctl/reply.ts";
import { Failure } from "./failure.ts";

/** One look at what is waited for: it is there, or it is not and this is why, with what a person can do about just that where it is something else. */
export type Look<T> = { readonly done: T } | { readonly pending: string; readonly remedy?: string };

/** An answer is what was waited for; none is waited for further. */
export function lookAt<T>(reply: Reply<T>): Look<T> {
  return "problem" in reply ? { pending: reply.problem } : { done: reply.value };
}

/** How a wait is done. */
export interface Waiting {
  /** In words that follow "waiting for". */
  readonly what: string;
  /** Seconds until it fails; without end when absent. */
  readonly timeout?: number;
  /** What a person can do when it took too long. */
  readonly remedy?: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Called before each look; throws when the wait has lost its sense. */
  readonly check: () => void;
}

/** Milliseconds. Between them the pause is a tenth of what was waited already: what comes soon is seen at once, and what takes minutes is not asked too often. */
const pauses = { shortest: 100, longest: 500 };
const linesApart = 15_000;

/**
 * Looks again and again. A reason is told when it first comes up, and where nothing new does, the present one every 15 s: one that flaps
 * between two would otherwise fill the screen.
 */
export async function waitFor<T>(waiting: Waiting, look: () => Promise<Look<T>>): Promise<T> {
  const { what, timeout, remedy, signal, say, check } = waiting;
  const start = performance.now();
  const told = new Set<string>();
  let last = start;
  for (;;) {
    signal.throwIfAborted();
    check();
    const found = await look();
    if ("done" in found) return found.done;

    const why = plainly(found.pending);
    const now = performance.now();
    const seconds = Math.round((now - start) / 1000);
    if (!told.has(why) || now - last >= linesApart) {
      say(`waiting for ${what}: ${why}${seconds > 0 ? ` (${seconds} s${timeout === undefined ? "" : ` of ${timeout}`})` : ""}`);
      told.add(why);
      last = now;
    }
    if (timeout !== undefined && now - start >= timeout * 1000) {
      const advice = found.remedy ?? remedy;
      throw new Failure(`Waited ${seconds} s for ${what}: ${why}.${advice ? ` ${advice}` : ""}`);
    }
    await delay(Math.min(Math.max((now - start) / 10, pauses.shortest), pauses.longest), undefined, { signal });
  }
}
