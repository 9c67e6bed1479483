import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** The CA of a cluster's Talos API. */
export interface Authority {
  readonly pem: string;
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Reads a CA as the secrets bundle has it: the PEM of both parts in base64. Throws without showing either. */
export function certificateAuthority({ cert, key }: { cert: string; key: string }): Authority {
  const pem = decode(cert);
  const certificate = attempt(() => new X509Certificate(pem), "its cert is no certificate (PEM in base64)");
  // Talos writes PKCS #8 under a label of its own, "ED25519 PRIVATE KEY".
  const der = Buffer.from(decode(key).replace(/-----[^-]+-----/g, ""), "base64");
  const privateKey = attempt(
    () => createPrivateKey({ key: der, format: "der", type: "pkcs8" }),
    "its key is no private key (PEM in base64)",
  );
  if (privateKey.asymmetricKeyType !== "ed25519") throw new Error("its key is not an Ed25519 key, as Talos's is");
  if (!certificate.checkPrivateKey(privateKey)) throw new Error("its key is not the key of its cert");
  return { pem, certificate, key: privateKey };
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function attempt<T>(read: () => T, problem: string): T {
  try {
    return read();
  } catch {
    throw new Error(problem);
  }
}
