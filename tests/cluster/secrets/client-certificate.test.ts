import { X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { type Authority, talosAuthority } from "../../../cluster/secrets/authority.ts";
import { certificateOfAuthority, certificateOfPeriod } from "../../../cluster/secrets/client-certificate.ts";
import { makeAuthority, talosCa } from "../../operations/support/pki.ts";

const day = 86_400_000;
let ca: Authority;
beforeAll(async () => {
  ca = talosAuthority(JSON.parse(talosCa(await makeAuthority())));
});
const after = (days: number) => new Date(ca.certificate.validFromDate.getTime() + days * day);

test("it is the same to the byte within 180 days, and another after them", async () => {
  const first = await certificateOfPeriod(ca, after(0));
  expect(await certificateOfPeriod(ca, after(179.9))).toEqual(first);
  const second = await certificateOfPeriod(ca, after(180));
  expect(second.cert).not.toBe(first.cert);
  expect(second.key).not.toBe(first.key);
  expect(await certificateOfPeriod(ca, after(359))).toEqual(second);
});

test("it is valid from a day before its period to half a year after it", async () => {
  const { cert, key } = await certificateOfPeriod(ca, after(200));
  const certificate = new X509Certificate(cert);
  expect([certificate.validFromDate, certificate.validToDate]).toEqual([after(179), after(545)]);
  expect(certificate.subject).toBe("O=os:admin");
  expect(certificate.verify(ca.certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey((await import("node:crypto")).createPrivateKey(key))).toBe(true);
});

test("it is another for each authority", async () => {
  const other = talosAuthority(JSON.parse(talosCa(await makeAuthority())));
  const now = new Date();
  expect((await certificateOfPeriod(other, now)).key).not.toBe((await certificateOfPeriod(ca, now)).key);
});

test("a clock before the authority's beginning has the first one, valid by that clock", async () => {
  const { cert } = await certificateOfPeriod(ca, after(-5));
  expect(new X509Certificate(cert).validFromDate).toEqual(after(-6));
});

test("the one of the stack's own resources is valid as long as the authority, and no person's", async () => {
  const { cert, key, notAfter } = await certificateOfAuthority(ca);
  const certificate = new X509Certificate(cert);
  expect([certificate.validFromDate, certificate.validToDate]).toEqual([after(-1), ca.certificate.validToDate]);
  expect(notAfter).toEqual(ca.certificate.validToDate);
  expect(certificate.verify(ca.certificate.publicKey)).toBe(true);
  expect(await certificateOfAuthority(ca)).toEqual({ cert, key, notAfter });
  expect((await certificateOfPeriod(ca, after(0))).key).not.toBe(key);
});
