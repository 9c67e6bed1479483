import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A key pair with its certificate, in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

const algorithm = { name: "Ed25519" };
const provider = webcrypto as unknown as typeof globalThis.crypto;
const hour = 3_600_000;
x509.cryptoProvider.set(provider);

async function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
}

async function pair(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair, label: string): Promise<Pair> {
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(key, label) };
}

/** A CA as Talos makes it: Ed25519, with Talos's label on its key. */
export async function makeAuthority(): Promise<Pair> {
  const keys = await keyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "O=talos",
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + hour),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pair(certificate, keys, "ED25519 PRIVATE KEY");
}

/** A certificate, from that CA, for an address: a server's, unless said. */
export async function makeServer(authority: Pair, address: string, usage: "serverAuth" | "clientAuth" = "serverAuth"): Promise<Pair> {
  const keys = await keyPair();
  const issuer = new x509.X509Certificate(authority.cert);
  const der = Buffer.from(authority.key.replace(/-----[^-]+-----/g, ""), "base64");
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${address}`,
    issuer: issuer.subjectName,
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + hour),
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]]),
      new x509.SubjectAlternativeNameExtension([{ type: "ip", value: address }]),
    ],
  });
  return pair(certificate, keys, "PRIVATE KEY");
}

/** The CA as a script is given it in TALOS_CA. */
export function talosCa({ cert, key }: Pair): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return JSON.stringify({ cert: base64(cert), key: base64(key) });
}
