import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { answeringApi, tellSilent } from "../../sources/reach.ts";

const nodes = [
  { hostname: "c1", address: "127.134.252.1" },
  { hostname: "c2", address: "127.134.252.2" },
];
const servers = nodes.map(() => createServer());
afterEach(() => {
  for (const server of servers) server.close();
});
const listen = (index: number, port = 50000) =>
  new Promise<void>((resolve) => servers[index]?.listen(port, nodes[index]?.address, resolve));

test("nodes that do not answer are told as unknown, and only those", async () => {
  await listen(0);
  expect(await tellSilent(nodes)).toBe(
    "No answer from c2 (127.134.252.2): what runs there is unknown, and nothing in this preview is planned because of it.",
  );
  await listen(1);
  expect(await tellSilent(nodes)).toBeUndefined();
});

test("the stack speaks to Kubernetes at the first API server that takes connections, and where none does at the preferred one", async () => {
  const [c1, c2] = nodes.map(({ address }) => address) as [string, string];
  const chosen = (patience?: number) => answeringApi(c1, ["127.134.252.3", c2], patience);
  expect(await chosen()).toBe(c1);
  await listen(1, 6443);
  expect(await chosen()).toBe(c2);
  await listen(0, 6443);
  expect(await chosen()).toBe(c1);
});
