import { expect, test } from "vitest";
import { plainly } from "../../operations/lib/talosctl/plainly.ts";

const unavailable = (transport: string) => `rpc error: code = Unavailable desc = connection error: desc = "transport: ${transport}"`;
const dial = "Error while dialing: dial tcp 127.121.0.13:50000:";

test.each([
  [unavailable(`${dial} connect: connection refused`), "connection refused"],
  [unavailable(`${dial} connect: no route to host`), "no route to host"],
  [unavailable(`${dial} connect: network is unreachable`), "network is unreachable"],
  [unavailable(`${dial} i/o timeout`), "i/o timeout"],
  [`c1: ${unavailable(`${dial} connect: connection refused`)}; c2: off`, "c1: connection refused; c2: off"],
  ["error reading: rpc error: code = DeadlineExceeded desc = context deadline exceeded", "error reading: no answer in time"],
  ["rpc error: code = Unimplemented desc = unknown method Pull", "unknown method Pull"],
  ["it is booting", "it is booting"],
])("%s", (said, plain) => expect(plainly(said)).toBe(plain));

test("what it does not know keeps all that could matter", () => {
  const said = 'rpc error: code = Unavailable desc = connection error: desc = "error reading server preface: EOF"';
  expect(plainly(said)).toContain("error reading server preface: EOF");
});
