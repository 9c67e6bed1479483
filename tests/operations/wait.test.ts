import { expect, onTestFinished, test, vi } from "vitest";
import { type Look, type Waiting, waitFor } from "../../operations/lib/script/wait.ts";

const lines: string[] = [];
const waiting = (changes: Partial<Waiting> = {}): Waiting => {
  lines.length = 0;
  return { what: "c1", signal: new AbortController().signal, say: (line) => lines.push(line), check: () => {}, ...changes };
};
const looks = (...answers: Look<string>[]) => {
  const left = [...answers];
  return async () => left.shift() ?? { done: "late" };
};

test("says why it waits, each reason once while none lasts", async () => {
  const [off, booting] = [{ pending: "off" }, { pending: "booting" }];
  expect(await waitFor(waiting(), looks(off, off, booting, off, booting, { done: "there" }))).toBe("there");
  expect(lines).toEqual(["waiting for c1: off", "waiting for c1: booting"]);
});

test("says what gRPC says in plain words", async () => {
  const wrapped = "rpc error: code = Unimplemented desc = unknown method Pull";
  await waitFor(waiting(), looks({ pending: wrapped }, { done: "there" }));
  expect(lines).toEqual(["waiting for c1: unknown method Pull"]);
});

test("says for how long of what it has waited", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const later = async () => {
    now += 8_000;
    return now > 40_000 ? { done: "there" } : { pending: "off" };
  };
  await waitFor(waiting({ timeout: 600 }), later);
  expect(lines).toEqual(["waiting for c1: off (8 s of 600)", "waiting for c1: off (24 s of 600)", "waiting for c1: off (40 s of 600)"]);
});

test("fails when the time is over, with the last reason and the remedy", async () => {
  const failure = waitFor(waiting({ timeout: 0, remedy: "Switch it on." }), looks({ pending: "off" }));
  await expect(failure).rejects.toThrow("Waited 0 s for c1: off. Switch it on.");
  const own = waitFor(waiting({ timeout: 0, remedy: "Switch it on." }), looks({ pending: "on fire", remedy: "Put it out." }));
  await expect(own).rejects.toThrow(/on fire\. Put it out\.$/);
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
