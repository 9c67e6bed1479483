import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { UserError } from "../../cluster/user-error.ts";
import type { Credentials } from "../../operations/lib/talosctl/talosctl.ts";

/** How a talosconfig lets a client in. */
export interface Client extends Credentials {
  readonly certificate: X509Certificate;
}

/** A talosconfig cannot be used. The message quotes nothing of it. */
export class TalosconfigError extends UserError {}

/** Reads a talosconfig from a file. */
export function readTalosconfig(file: string): Client {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new TalosconfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return parseTalosconfig(file, text);
}

/** Takes the selected context of a talosconfig; `from` says in errors where it comes from. */
export function parseTalosconfig(from: string, text: string): Client {
  const [ca, cert, key] = contextOf(from, text);
  try {
    const { validToDate: notAfter } = new X509Certificate(cert);
    const certificate = new X509Certificate(ca);
    createPrivateKey(key);
    if (notAfter.getTime() < Date.now())
      throw new TalosconfigError(`${from}: its client certificate has run out: npm run up makes another`);
    return { pem: ca, certificate, client: async () => ({ cert, key, notAfter }) };
  } catch (error) {
    if (error instanceof TalosconfigError) throw error;
    throw new TalosconfigError(`${from}: its certificates cannot be read`);
  }
}

function contextOf(from: string, text: string): [ca: string, cert: string, key: string] {
  let config: { context?: string; contexts?: Record<string, { ca?: string; crt?: string; key?: string }> } | null;
  try {
    config = parse(text);
  } catch {
    throw new TalosconfigError(`${from} is no YAML`);
  }
  const { ca, crt, key } = config?.contexts?.[config.context ?? ""] ?? {};
  if (!ca || !crt || !key) throw new TalosconfigError(`${from} is no talosconfig with a context that has ca, crt and key`);
  const decoded = (base64: string) => Buffer.from(base64, "base64").toString("utf8");
  // Talos writes PKCS #8 under a label of its own, which Node.js does not know.
  return [decoded(ca), decoded(crt), decoded(key).replaceAll("ED25519 PRIVATE KEY", "PRIVATE KEY")];
}
