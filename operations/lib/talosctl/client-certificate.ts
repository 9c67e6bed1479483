import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Authority } from "../../../cluster/secrets/authority.ts";
import { type ClientCertificate, issue } from "../../../cluster/secrets/client-certificate.ts";

const minute = 60_000;
const lifetime = 15 * minute;
/** A machine without a battery-backed clock may be behind for a while after it boots. */
const skew = 60 * minute;

/** Makes a client certificate of the Talos API's administrator, for the next quarter of an hour, or for longer where `lasting` milliseconds are more. */
export function mintClientCertificate(ca: Authority, now = new Date(), lasting = 0): Promise<ClientCertificate> {
  return issue(ca, {
    key: generateKeyPairSync("ed25519").privateKey,
    serialNumber: randomBytes(16).toString("hex"),
    notBefore: new Date(now.getTime() - skew),
    notAfter: new Date(now.getTime() + Math.max(lifetime, lasting + 5 * minute)),
  });
}
