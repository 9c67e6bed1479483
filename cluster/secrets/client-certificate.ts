import "reflect-metadata"; // the x509 library's dependency injection needs it to be there first
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Authority } from "./authority.ts";

/** A client's certificate and key in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  readonly notAfter: Date;
}

/** What is asked of a certificate: who it lets in, whose key it names, and when it is valid. */
export interface Request {
  /** Both APIs read the role from the organization. */
  subject: string;
  key: KeyObject;
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
}

/** The administrators of the Talos API. */
export const talosAdministrator = "O=os:admin";

/** Signs the certificate of a client. */
export async function issue(ca: Authority, { key, ...request }: Request): Promise<ClientCertificate> {
  const issuer = new x509.X509Certificate(ca.pem);
  const signingAlgorithm = algorithmOf(ca.key);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...request,
      issuer: issuer.subjectName,
      publicKey: createPublicKey(key).toCryptoKey(algorithmOf(key), true, ["verify"]),
      signingKey: ca.key.toCryptoKey(signingAlgorithm, false, ["sign"]),
      signingAlgorithm,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        // exactly this one: Talos refuses a client whose certificate has another usage beside it
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
        ...authorityKeyIdentifier(issuer),
      ],
    },
    webcrypto as unknown as typeof globalThis.crypto,
  );
  const { notAfter } = request;
  return { cert: certificate.toString("pem"), key: key.export({ format: "pem", type: "pkcs8" }).toString().trimEnd(), notAfter };
}

/** How a key signs. Talos's CA has one on Ed25519, Kubernetes' as Talos makes it one on P-256; one that was brought along may have RSA. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === "ed25519") return { name: "Ed25519" };
  if (asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const namedCurve = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" }[asymmetricKeyDetails?.namedCurve ?? ""];
  if (!namedCurve) throw new Error(`the key is of a kind that is not signed with here (${asymmetricKeyType})`);
  return { name: "ECDSA", namedCurve, hash: "SHA-256" };
}

/** The identifier that the CA gives its key: made from a hash that Go has changed, so it is read and not computed. */
function authorityKeyIdentifier(issuer: x509.X509Certificate): x509.Extension[] {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return own ? [new x509.AuthorityKeyIdentifierExtension(own.keyId)] : [];
}

const day = 86_400_000;
const pkcs8 = { format: "der", type: "pkcs8" } as const;
const period = 180 * day;
const lifetime = 365 * day;

/**
 * The certificate for people: one and the same, to the byte, on every machine and in every run of a period of 180 days, and valid for half a
 * year beyond it. Periods count from the CA's own beginning.
 */
export async function certificateOfPeriod(ca: Authority, now = new Date()): Promise<ClientCertificate> {
  const born = Math.min(ca.certificate.validFromDate.getTime(), now.getTime());
  const number = Math.floor((now.getTime() - born) / period);
  const start = born + number * period;
  return derived(ca, `${number}`, start, start + lifetime);
}

/** The certificate for the stack's own resources: one and the same as long as there is the CA, so that these never change because of it. */
export async function certificateOfAuthority(ca: Authority): Promise<ClientCertificate> {
  const { validFromDate, validToDate } = ca.certificate;
  return derived(ca, "resources", validFromDate.getTime(), validToDate.getTime());
}

/** A certificate that nothing stores: its key is derived from the CA's and from what it is for, and an Ed25519 signature has no randomness in it. */
function derived(ca: Authority, purpose: string, from: number, to: number): Promise<ClientCertificate> {
  const derive = (what: string, length: number) =>
    Buffer.from(hkdfSync("sha256", ca.key.export(pkcs8), "", `os:admin ${what} ${purpose}`, length));
  return issue(ca, {
    subject: talosAdministrator,
    key: ed25519(derive("key", 32)),
    serialNumber: `01${derive("serial", 15).toString("hex")}`,
    notBefore: new Date(from - day), // a node's clock may be behind
    notAfter: new Date(to),
  });
}

/** The private key of a seed: PKCS #8 is these bytes before it. */
function ed25519(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), ...pkcs8 });
}
