import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { tellSilent } from "../../sources/reach.ts";

const nodes = [
  { hostname: "c1", address: "127.134.252.1" },
  { hostname: "c2", address: "127.134.252.2" },
];
const servers = nodes.map(() => createServer());
afterEach(() => {
  for (const server of servers) server.close();
});
const listen = (index: number) => new Promise<void>((resolve) => servers[index]?.listen(50000, nodes[index]?.address, resolve));

test("nodes that do not answer are told as unknown, and only those", async () => {
  await listen(0);
  expect(await tellSilent(nodes)).toBe(
    "No answer from c2 (127.134.252.2): what runs there is unknown, and nothing in this preview is planned because of it.",
  );
  await listen(1);
  expect(await tellSilent(nodes)).toBeUndefined();
});
