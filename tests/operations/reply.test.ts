import { expect, test } from "vitest";
import { firstOf, type Reply } from "../../operations/lib/talosctl/reply.ts";

const value = { value: "an answer" };
const [off, busy] = [{ problem: "off" }, { problem: "busy" }];

test.each<[string, Reply<string>[], Reply<string>]>([
  ["the only one has an answer", [value], value],
  ["one of several has one", [off, value, busy], value],
  ["the last has one", [off, busy, value], value],
  ["an answer may be nothing much", [off, { value: "" }], { value: "" }],
  ["the only one has none", [off], off],
  ["none has one: every reason is said", [off, busy], { problem: "off; busy" }],
])("%s", async (_, replies, first) => {
  expect(await firstOf(replies.map(async (reply) => reply))).toEqual(first);
});

test("an answer is not held up by who never gives one", async () => {
  const never = new Promise<Reply<string>>(() => {});
  expect(await firstOf([never, Promise.resolve(value)])).toEqual(value);
});

test("who fails at once does not decide for who answers late", async () => {
  const late = Promise.withResolvers<Reply<string>>();
  const first = firstOf([Promise.resolve(off), late.promise]);
  // Every look that is due by now has been had.
  await new Promise((resolve) => setImmediate(resolve));
  late.resolve(value);
  expect(await first).toEqual(value);
});
