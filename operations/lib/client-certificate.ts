import "reflect-metadata"; // the x509 library's dependency injection needs it to be there first
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Authority } from "./authority.ts";

/** A client's certificate and key in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  readonly notAfter: Date;
}

const minute = 60_000;
const lifetime = 15 * minute;
/** A machine without a battery-backed clock may be behind for a while after it boots. */
const skew = 60 * minute;

/** Makes a client certificate of the Talos API's administrator, for the next quarter of an hour. */
export async function mintClientCertificate(ca: Authority, now = new Date()): Promise<ClientCertificate> {
  const algorithm = { name: "Ed25519" };
  const signingKey = await webcrypto.subtle.importKey("pkcs8", ca.key.export({ format: "der", type: "pkcs8" }), algorithm, false, ["sign"]);
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const issuer = new x509.X509Certificate(ca.pem);
  const notAfter = new Date(now.getTime() + lifetime);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(16).toString("hex"),
      subject: "O=os:admin", // Talos reads the role from the organization
      issuer: issuer.subjectName,
      notBefore: new Date(now.getTime() - skew),
      notAfter,
      publicKey: keys.publicKey,
      signingKey,
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
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(key, "PRIVATE KEY"), notAfter };
}

/** The identifier that the CA gives its key: made from a hash that Go has changed, so it is read and not computed. */
function authorityKeyIdentifier(issuer: x509.X509Certificate): x509.Extension[] {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return own ? [new x509.AuthorityKeyIdentifierExtension(own.keyId)] : [];
}
