import { expect, test } from "vitest";
import { within } from "../../cluster/within.ts";

const never = new Promise<never>(() => {});

test("an answer in time is the answer, and so is an error", async () => {
  expect(await within(Promise.resolve("yes"))).toBe("yes");
  await expect(within(Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("what never comes is no answer", async () => {
  await expect(within(never, 20)).rejects.toThrow("no answer within 0.02 s");
});

test("an end is heard at once, before the question and while it waits", async () => {
  const ended = new AbortController();
  const waiting = within(never, 60_000, ended.signal);
  ended.abort(new Error("the run is over"));
  await expect(waiting).rejects.toThrow("the run is over");
  await expect(within(never, 60_000, ended.signal)).rejects.toThrow("the run is over");
});
