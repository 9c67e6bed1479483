import type { Problem } from "../problems.ts";
import { certificateOf, privateKeyOf } from "./authority.ts";
import { type Bundle, bundleValues } from "./bundle.ts";
import { isReference } from "./references.ts";

/** Everything that is wrong with the values of a bundle, by key. No problem shows a value. */
export function checkBundle(bundle: Bundle, now = new Date()): Problem[] {
  const unresolved = bundleValues(bundle).filter(([, text]) => isReference(text));
  if (unresolved.length > 0) return unresolved.map(([path]) => ({ path, repair: "is still a reference, where its value should be" }));
  const { cluster, secrets, certs } = bundle;
  return [
    bytes("cluster.secret", cluster.secret, [32]),
    token("secrets.bootstraptoken", secrets.bootstraptoken),
    bytes("secrets.secretboxencryptionsecret", secrets.secretboxencryptionsecret, [32]),
    bytes("secrets.aescbcencryptionsecret", secrets.aescbcencryptionsecret, [16, 24, 32]),
    ...authority("certs.etcd", certs.etcd, now),
    ...authority("certs.k8s", certs.k8s, now),
    ...authority("certs.k8saggregator", certs.k8saggregator, now),
    ...authority("certs.os", certs.os, now, "ed25519"),
    privateKeyOf(certs.k8sserviceaccount.key) ? undefined : { path: "certs.k8sserviceaccount.key", repair: noKey },
  ].filter((problem) => problem !== undefined);
}

const noKey = "is no private key (PEM in base64)";

/** A certificate authority: both parts can be read, belong together, and are valid now. */
function authority(path: string, { crt, key }: { crt: string; key: string }, now: Date, type?: string): Problem[] {
  const certificate = certificateOf(crt);
  const secret = privateKeyOf(key);
  const problems: Problem[] = [];
  if (!secret) problems.push({ path: `${path}.key`, repair: noKey });
  else if (type && secret.asymmetricKeyType !== type) {
    problems.push({ path: `${path}.key`, repair: `is of the kind ${secret.asymmetricKeyType}; Talos's is ${type}` });
  }
  if (!certificate) return [...problems, { path: `${path}.crt`, repair: "is no certificate (PEM in base64)" }];
  if (secret && !certificate.checkPrivateKey(secret)) problems.push({ path: `${path}.key`, repair: "is not the key of its crt" });
  if (!certificate.ca) problems.push({ path: `${path}.crt`, repair: "is not the certificate of an authority" });
  if (now > certificate.validToDate) problems.push({ path: `${path}.crt`, repair: `expired on ${day(certificate.validToDate)}` });
  if (now < certificate.validFromDate) {
    problems.push({ path: `${path}.crt`, repair: `is valid from ${day(certificate.validFromDate)} only; is this machine's clock right?` });
  }
  return problems;
}

function bytes(path: string, text: string | undefined, lengths: readonly number[]): Problem | undefined {
  if (text === undefined || lengths.includes(decode(text).length)) return undefined;
  return { path, repair: `is not ${lengths.join(" or ")} bytes in base64` };
}

function token(path: string, text: string): Problem | undefined {
  return /^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(text) ? undefined : { path, repair: "is no token of 6 and 16 characters with a dot between" };
}

const decode = (base64: string) => Buffer.from(base64, "base64");
const day = (date: Date) => date.toISOString().slice(0, 10);
