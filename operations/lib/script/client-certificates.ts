import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { KubernetesCredentials } from "../../../cluster/kubeconfig.ts";
import { type Authority, authorityOf } from "../../../cluster/secrets/authority.ts";
import type { Bundle } from "../../../cluster/secrets/bundle.ts";
import { type ClientCertificate, issue, talosAdministrator } from "../../../cluster/secrets/client-certificate.ts";

const minute = 60_000;
const lifetime = 15 * minute;
/** A machine without a battery-backed clock may be behind for a while after it boots. */
const skew = 60 * minute;

/** Makes a client certificate of the Talos API's administrator, for the next quarter of an hour, or for longer where `lasting` milliseconds are more. */
export function mintClientCertificate(ca: Authority, now = new Date(), lasting = 0): Promise<ClientCertificate> {
  const { privateKey: key } = generateKeyPairSync("ed25519");
  return issue(ca, { subject: talosAdministrator, key, ...shortLived(now, Math.max(lifetime, lasting + 5 * minute)) });
}

/** Makes a client certificate of the Kubernetes API's administrator, for the next quarter of an hour. */
export async function mintKubernetesClient({ certs: { k8s } }: Pick<Bundle, "certs">, now = new Date()): Promise<KubernetesCredentials> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = "O=system:masters, CN=phoebe";
  const { cert, key } = await issue(authorityOf({ cert: k8s.crt, key: k8s.key }), {
    subject,
    key: privateKey,
    ...shortLived(now, lifetime),
  });
  const encode = (pem: string) => Buffer.from(pem).toString("base64");
  return { caCertificate: k8s.crt, clientCertificate: encode(cert), clientKey: encode(key) };
}

function shortLived(now: Date, milliseconds: number) {
  return {
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    notBefore: new Date(now.getTime() - skew),
    notAfter: new Date(now.getTime() + milliseconds),
  };
}
