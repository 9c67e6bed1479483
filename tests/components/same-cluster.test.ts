import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, expect, test } from "vitest";
import { talosPort } from "../../cluster/ports.ts";
import { refuseAnotherCluster } from "../../components/same-cluster.ts";
import { makeAuthority, makeServer, type Pair, talosCa } from "../operations/support/pki.ts";

const node = { hostname: "c1", address: "127.134.254.1" };
let ours: Pair;
let other: Pair;
beforeAll(async () => {
  [ours, other] = await Promise.all([makeAuthority(), makeAuthority()]);
});

let server: Server | undefined;
afterEach(() => server?.close());

/** A node whose certificate is from that CA. Unless it is in maintenance mode, it wants a client's. */
async function running(authority: Pair, maintenance = false): Promise<void> {
  const { cert, key } = await makeServer(authority, node.address);
  const settings = Buffer.from("\0\0\0\x04\0\0\0\0\0", "latin1");
  server = createServer({
    cert,
    key,
    ca: authority.cert,
    requestCert: !maintenance,
    rejectUnauthorized: !maintenance,
    ALPNProtocols: ["h2"],
  });
  server.on("secureConnection", (socket) => socket.once("data", () => socket.write(settings)).on("error", () => {}));
  await new Promise<AddressInfo>((resolve) => server?.listen(talosPort, node.address, () => resolve(server?.address() as AddressInfo)));
}

/** An up that has `declared` after one that had `before`. */
const update = (before: Pair, declared: Pair) =>
  refuseAnotherCluster(
    node,
    Buffer.from(declared.cert).toString("base64"),
  )({
    oldInputs: { environment: pulumi.secret({ TALOS_CA: talosCa(before) }) },
  });

test("with the bundle of before nobody is asked", async () => {
  await expect(update(ours, ours)).resolves.toBeUndefined();
});

test("another cluster's bundle is refused", async () => {
  await running(ours);
  await expect(update(ours, other)).rejects.toThrow(/c1 \(127\.134\.254\.1\) is not of that CA: it is another cluster's bundle/);
});

test("a bundle whose CA the node was given by a rotation is taken", async () => {
  await running(other);
  await expect(update(ours, other)).resolves.toBeUndefined();
});

test("a machine that waits for its configuration may have a new one", async () => {
  await running(ours, true);
  await expect(update(ours, other)).resolves.toBeUndefined();
});

test("where the node does not answer, another bundle is refused", async () => {
  await expect(update(ours, other)).rejects.toThrow(/does not say which of the two is its own: connection refused. Nothing was changed/);
});
