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

/** What is asked of a certificate: whose key it names, and when it is valid. */
export interface Request {
  key: KeyObject;
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
}

const algorithm = { name: "Ed25519" };
const pkcs8 = { format: "der", type: "pkcs8" } as const;

/** Signs the certificate of an administrator of the Talos API. */
export async function issue(ca: Authority, { key, ...request }: Request): Promise<ClientCertificate> {
  const { subtle } = webcrypto;
  const issuer = new x509.X509Certificate(ca.pem);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...request,
      subject: "O=os:admin", // Talos reads the role from the organization
      issuer: issuer.subjectName,
      publicKey: await subtle.importKey("spki", createPublicKey(key).export({ format: "der", type: "spki" }), algorithm, true, ["verify"]),
      signingKey: await subtle.importKey("pkcs8", ca.key.export(pkcs8), algorithm, false, ["sign"]),
      signingAlgorithm: algorithm,
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

/** The identifier that the CA gives its key: made from a hash that Go has changed, so it is read and not computed. */
function authorityKeyIdentifier(issuer: x509.X509Certificate): x509.Extension[] {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return own ? [new x509.AuthorityKeyIdentifierExtension(own.keyId)] : [];
}

const day = 86_400_000;
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
