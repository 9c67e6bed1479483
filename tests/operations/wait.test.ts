import { expect, test } from "vitest";
import { type Look, type Waiting, waitFor } from "../../operations/lib/wait.ts";

const lines: string[] = [];
const waiting = (changes: Partial<Waiting> = {}): Waiting => {
  lines.length = 0;
  return { what: "c1", signal: new AbortController().signal, say: (line) => lines.push(line), check: () => {}, ...changes };
};
const looks = (...answers: Look<string>[]) => {
  const left = [...answers];
  return async () => left.shift() ?? { done: "late" };
};

test("says why it waits, again only when that changes", async () => {
  const found = waitFor(waiting(), looks({ pending: "off" }, { pending: "off" }, { pending: "booting" }, { done: "there" }));
  expect(await found).toBe("there");
  expect(lines).toEqual(["waiting for c1: off (0 s)", "waiting for c1: booting (0 s)"]);
});

test("fails when the time is over, with the last reason and the remedy", async () => {
  const failure = waitFor(waiting({ timeout: 0, remedy: "Switch it on." }), looks({ pending: "off" }));
  await expect(failure).rejects.toThrow("Waited 0 s for c1: off. Switch it on.");
});

test("ends with the run, and with a signal, before another look", async () => {
  const never = async (): Promise<Look<string>> => {
    throw new Error("looked");
  };
  const over = () => {
    throw new Error("the run is over");
  };
  await expect(waitFor(waiting({ check: over }), never)).rejects.toThrow("the run is over");
  await expect(waitFor(waiting({ signal: AbortSignal.abort(new Error("SIGTERM")) }), never)).rejects.toThrow("SIGTERM");
});
