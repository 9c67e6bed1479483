import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseTalosconfig } from "../../commands/status/talosconfig.ts";
import { makeAuthority, makeServer } from "../operations/support/pki.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const ca = await makeAuthority();
const client = await makeServer(ca, "127.0.0.1", "clientAuth");
const context = { ca: base64(ca.cert), crt: base64(client.cert), key: base64(client.key), endpoints: [] };
const config = (changes: object = {}) => stringify({ context: "demo", contexts: { other: {}, demo: { ...context, ...changes } } });

test("the selected context is the client, its key as Talos labels it", async () => {
  const read = parseTalosconfig("it", config({ key: base64(client.key.replaceAll("PRIVATE KEY", "ED25519 PRIVATE KEY")) }));
  expect(read.pem).toBe(ca.cert);
  expect(await read.client()).toMatchObject({ cert: client.cert, key: client.key, notAfter: expect.any(Date) });
});

describe("what cannot be used is told without a word of it", () => {
  test.each([
    ["no YAML", "a: [", "it is no YAML"],
    ["no talosconfig", "a: 1\n", "it is no talosconfig with a context that has ca, crt and key"],
    ["a context without a key", config({ key: undefined }), "it is no talosconfig"],
    ["a key that is none", config({ key: base64("secret") }), "it: its certificates cannot be read"],
    ["a certificate that is none", config({ crt: base64("secret") }), "it: its certificates cannot be read"],
  ])("%s", (_name, text, message) => {
    expect(() => parseTalosconfig("it", text)).toThrow(message);
  });
});
