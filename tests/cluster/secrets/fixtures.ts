import { generateKeyPairSync, randomBytes } from "node:crypto";
import { type Bundle, bundleValues } from "../../../cluster/secrets/bundle.ts";
import { makeAuthority } from "../../operations/support/pki.ts";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

/** A whole and right bundle, made anew. */
export async function makeBundle(): Promise<Bundle> {
  const authority = async () => {
    const { cert, key } = await makeAuthority();
    return { crt: base64(cert), key: base64(key) };
  };
  const serviceAccount = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "sec1" });
  return {
    cluster: { id: randomBytes(32).toString("base64url"), secret: base64(randomBytes(32)) },
    secrets: { bootstraptoken: "abcdef.0123456789abcdef", secretboxencryptionsecret: base64(randomBytes(32)) },
    trustdinfo: { token: "fedcba.0123456789abcdef" },
    certs: {
      etcd: await authority(),
      k8s: await authority(),
      k8saggregator: await authority(),
      k8sserviceaccount: { key: base64(serviceAccount) },
      os: await authority(),
    },
  };
}

/** The bundle with another value at a key, or without it. */
export function changed(bundle: Bundle, key: string, value?: unknown): Bundle {
  const copy = structuredClone(bundle);
  const path = key.split(".");
  const last = path.pop() as string;
  const parent = path.reduce((node, step) => node[step] as Record<string, unknown>, copy as unknown as Record<string, unknown>);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

/** The bundle's template and the values of its references. */
export function templateOf(bundle: Bundle): { template: Bundle; values: Map<string, string> } {
  let template = bundle;
  const values = new Map<string, string>();
  for (const [key, value] of bundleValues(bundle)) {
    const reference = `op://homelab/talos/${key}`;
    values.set(reference, value);
    template = changed(template, key, reference);
  }
  return { template, values };
}
