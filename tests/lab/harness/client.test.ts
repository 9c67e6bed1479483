import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { kubeconfigFor } from "../../../cluster/kubeconfig.ts";
import { makeAuthority, makeServer } from "../../operations/support/pki.ts";
import { Client } from "./client.ts";

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** An API server of ConfigMaps that forgets, or has a bad moment, as the test says. */
async function apiServer({ forgets, fails }: { forgets?: string; fails?: (reads: number) => boolean }) {
  const authority = await makeAuthority();
  const own = await makeServer(authority, "127.0.0.1");
  const names = new Set<string>();
  const arrived = { reads: 0, writes: 0 };
  const listening = createServer(own, async (request, response) => {
    const name = request.url?.split("/").at(-1) ?? "";
    const answer = (status: number, body: object = {}) => response.writeHead(status).end(JSON.stringify(body));
    if (request.method === "POST") {
      const { metadata } = JSON.parse(await text(request)) as { metadata: { name: string } };
      if (metadata.name !== forgets) names.add(metadata.name);
      arrived.writes += 1;
      return answer(201);
    }
    if (name === "configmaps") return answer(200, { items: [...names].map((name) => ({ metadata: { name } })) });
    arrived.reads += 1;
    if (fails?.(arrived.reads)) return request.destroy();
    return answer(names.has(name) ? 200 : 404);
  }).listen(0, "127.0.0.1");
  server = listening;
  await once(listening, "listening");
  const encoded = (pem: string) => Buffer.from(pem).toString("base64");
  const credentials = { caCertificate: encoded(authority.cert), clientCertificate: encoded(own.cert), clientKey: encoded(own.key) };
  const kubeconfig = kubeconfigFor("lab", `https://127.0.0.1:${(listening.address() as AddressInfo).port}`, credentials);
  return { kubeconfig, arrived };
}

test("what was acknowledged and is not there is lost", async () => {
  const { kubeconfig, arrived } = await apiServer({ forgets: "write-2" });
  const client = await Client.begin(kubeconfig);
  await expect.poll(() => arrived.writes).toBeGreaterThan(5);
  expect(await client.end()).toMatchObject({ lost: [2], acknowledged: expect.any(Number) });
});

test("the longest gap is the time in which reads failed, and says how", async () => {
  const { kubeconfig, arrived } = await apiServer({ fails: (reads) => reads > 3 && reads <= 10 });
  const client = await Client.begin(kubeconfig);
  await expect.poll(() => arrived.reads, { timeout: 10_000 }).toBeGreaterThan(12);
  const { lost, failedReads, longestGap } = await client.end();
  expect(lost).toEqual([]);
  expect(failedReads).toBe(7);
  expect(longestGap).toMatchObject({ milliseconds: expect.any(Number), failure: expect.stringMatching(/hang up|ECONNRESET/) });
  expect(longestGap.milliseconds).toBeGreaterThan(7 * 50);
});
