import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { talosAuthority } from "../../cluster/secrets/authority.ts";
import { handshake } from "../../operations/lib/node/handshake.ts";
import { identify, occupantOf } from "../../operations/lib/node/machine.ts";
import { mintClientCertificate } from "../../operations/lib/script/client-certificates.ts";
import type { Operation } from "../../operations/lib/script/operation.ts";
import { talosCa } from "./support/pki.ts";
import { type Mode, World } from "./support/world.ts";

const address = "127.207.1.1";
const { signal } = new AbortController();
let world: World;
beforeAll(async () => {
  world = await World.start([address]);
});
afterAll(() => world.stop());

const authority = () => talosAuthority(JSON.parse(talosCa(world.authority)));

describe("the client certificate", () => {
  test("is an administrator's, from the CA, for a quarter of an hour, with an hour's tolerance backwards", async () => {
    const now = new Date("2026-01-02T03:04:05Z");
    const minted = await mintClientCertificate(authority(), now);
    const certificate = new X509Certificate(minted.cert);
    expect(certificate.subject).toBe("O=os:admin");
    expect(certificate.checkIssued(authority().certificate)).toBe(true);
    expect(certificate.verify(authority().certificate.publicKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.ca).toBe(false);
    expect([certificate.validFromDate, certificate.validToDate]).toEqual([
      new Date("2026-01-02T02:04:05Z"),
      new Date("2026-01-02T03:19:05Z"),
    ]);
    expect(minted.notAfter).toEqual(certificate.validToDate);
  });

  test("is let in by a server that requires one, and an old one is not", async () => {
    world.set({ [address]: "ours" });
    const fresh = await mintClientCertificate(authority());
    expect(await handshake(address, { ...fresh, signal })).toMatchObject({ answer: "welcome" });
    const old = await mintClientCertificate(authority(), new Date(Date.now() - 3_600_000));
    expect(await handshake(address, { ...old, signal })).toMatchObject({
      answer: "refused",
      alert: expect.stringContaining("EXPIRED"),
    });
    expect(await handshake(address, { signal })).toMatchObject({
      answer: "refused",
      alert: expect.stringContaining("REQUIRED"),
    });
  });
});

describe("whose a machine is", () => {
  const ask = async (mode: Mode | undefined, stage?: string) => {
    world.set(mode ? { [address]: mode } : {});
    const client = await mintClientCertificate(authority());
    const maintenance = async () =>
      stage ? { ok: true, stdout: JSON.stringify({ spec: { stage } }), problem: "" } : { ok: false, stdout: "", problem: "no answer" };
    const operation = {
      env: { CLUSTER_NAME: "phoebe", TALOS_CA: authority() },
      signal,
      talosctl: { client: async () => client, maintenance },
    };
    return identify(operation as unknown as Operation, { address });
  };

  test("maintenance mode takes an API open to all, and a machine that says so", async () => {
    expect(await ask("maintenance", "maintenance")).toEqual({ is: "maintenance" });
    expect(await ask("maintenance", "installing")).toEqual({ is: "unknown", why: "no longer in maintenance mode, but installing" });
    expect(await ask("maintenance")).toEqual({ is: "unknown", why: "no answer" });
  });

  test("ours shows a certificate of our CA and lets our client in", async () => {
    expect(await ask("ours")).toEqual({ is: "ours", called: address });
  });

  test("the name in its certificate says which node it is; by another one it is asked itself", async () => {
    world.set({ [address]: "ours" });
    const client = await mintClientCertificate(authority());
    const asked: string[][] = [];
    const node = async (_: string, args: string[]) => {
      asked.push(args);
      return { ok: true, stdout: JSON.stringify({ spec: { hostname: "c1" } }), problem: "" };
    };
    const asking = { env: { CLUSTER_NAME: "phoebe", TALOS_CA: authority() }, signal, talosctl: { client: async () => client, node } };
    const occupant = (hostname: string) => occupantOf(asking as unknown as Operation, { hostname, address });
    expect(await occupant(address)).toMatchObject({ is: "ours" }); // the common name of the certificates here
    expect(asked).toEqual([]);
    expect(await occupant("c1")).toMatchObject({ is: "ours" });
    expect(await occupant("c2")).toEqual({ is: "another", called: "c1" });
    expect(asked).toEqual(Array(2).fill(["get", "hostname", "hostname", "-o", "json"]));
  });

  test("another CA's certificate, or a refusal of our client, is somebody else's", async () => {
    expect(await ask("foreign")).toEqual({ is: "foreign", why: "its certificate is from another CA than phoebe's" });
    expect(await ask("refusing")).toMatchObject({ is: "foreign", why: expect.stringContaining("refuses a client of that CA") });
  });

  test("a clock that is off, a connection that is cut and nobody at all are unknown", async () => {
    expect(await ask("ahead")).toMatchObject({ is: "unknown", why: expect.stringContaining("clock") });
    expect(await ask(undefined)).toMatchObject({ is: "unknown" });
    const nobody = { env: { CLUSTER_NAME: "phoebe", TALOS_CA: authority() }, signal } as unknown as Operation;
    expect(await identify(nobody, { address: "127.207.1.9" })).toEqual({ is: "unknown", why: "connection refused" });
  });
});
