import "reflect-metadata";
import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { expect, test } from "vitest";
import type { Bundle } from "../../cluster/secrets/bundle.ts";
import { mintKubernetesClient } from "../../operations/lib/script/client-certificates.ts";

type Algorithm = webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const decode = (text: string) => Buffer.from(text, "base64").toString("utf8");

/** A Kubernetes CA in the form that Talos's secrets file has it. */
async function makeCa(algorithm: Algorithm): Promise<Pick<Bundle, "certs">> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const signingAlgorithm = { hash: "SHA-256", ...algorithm };
  const extensions = [new x509.BasicConstraintsExtension(true, undefined, true)];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { keys, name: "O=kubernetes", signingAlgorithm, extensions },
    webcrypto as unknown as typeof globalThis.crypto,
  );
  const key = createPrivateKey({
    key: Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)),
    format: "der",
    type: "pkcs8",
  });
  const type = key.asymmetricKeyType === "ec" ? "sec1" : "pkcs1";
  const pair = { crt: base64(certificate.toString("pem")), key: base64(key.export({ format: "pem", type } as never).toString()) };
  return { certs: { k8s: pair } } as unknown as Pick<Bundle, "certs">;
}

test.each<[string, Algorithm]>([
  ["P-256, as Talos makes it", { name: "ECDSA", namedCurve: "P-256" }],
  ["RSA", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }],
])("an administrator's certificate of minutes is made from a Kubernetes CA on %s", async (_, algorithm) => {
  const bundle = await makeCa(algorithm);
  const now = new Date("2030-01-01T00:00:00Z");
  const { caCertificate, clientCertificate, clientKey } = await mintKubernetesClient(bundle, now);
  const authority = new X509Certificate(decode(caCertificate));
  const client = new X509Certificate(decode(clientCertificate));
  expect(client.verify(authority.publicKey)).toBe(true);
  expect(client.checkIssued(authority)).toBe(true);
  expect(client.checkPrivateKey(createPrivateKey(decode(clientKey)))).toBe(true);
  expect(client.subject).toBe("O=system:masters\nCN=phoebe");
  expect(client.validToDate).toEqual(new Date("2030-01-01T00:15:00Z"));
});
