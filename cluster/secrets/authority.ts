import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** A certificate authority of a cluster. */
export interface Authority {
  readonly pem: string;
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** A CA as the secrets bundle has it: the PEM of both parts in base64. */
interface Pair {
  cert: string;
  key: string;
}

/** Reads a CA. Throws without showing either part. */
export function authorityOf({ cert, key }: Pair): Authority {
  const certificate = certificateOf(cert);
  if (!certificate) throw new Error("its cert is no certificate (PEM in base64)");
  const privateKey = privateKeyOf(key);
  if (!privateKey) throw new Error("its key is no private key (PEM in base64)");
  if (!certificate.checkPrivateKey(privateKey)) throw new Error("its key is not the key of its cert");
  return { pem: decode(cert), certificate, key: privateKey };
}

/** Reads the CA of a cluster's Talos API, which is of one kind. Throws without showing either part. */
export function talosAuthority(pair: Pair): Authority {
  const authority = authorityOf(pair);
  if (authority.key.asymmetricKeyType !== "ed25519") throw new Error("its key is not an Ed25519 key, as Talos's is");
  return authority;
}

/** A certificate of the bundle; undefined where it is none. */
export function certificateOf(base64: string): X509Certificate | undefined {
  return attempt(() => new X509Certificate(decode(base64)));
}

/** A private key of the bundle; undefined where it is none. Talos writes PKCS #8 under a label of its own, "ED25519 PRIVATE KEY". */
export function privateKeyOf(base64: string): KeyObject | undefined {
  return attempt(() => createPrivateKey(decode(base64).replaceAll("ED25519 PRIVATE KEY", "PRIVATE KEY")));
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
