import { z } from "zod";
import { keysAt } from "../known-keys.ts";
import { type Problem, problemsOf } from "../problems.ts";
import { closest } from "../suggest.ts";
import { isReference } from "./references.ts";

/** The secrets of a cluster, in the format of the file that `talosctl gen secrets` writes, and talhelper too. */

const value = () => z.string({ error: "expected a reference such as op://vault/item/field" }).trim().min(1, { error: "is empty" });
const pair = () => z.strictObject({ crt: value(), key: value() }, { error: "expected crt and key" });
const section = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape, { error: `expected ${Object.keys(shape).join(", ")}` });

export const bundleSchema = section({
  cluster: section({ id: value(), secret: value() }),
  secrets: section({
    bootstraptoken: value(),
    secretboxencryptionsecret: value().optional(),
    aescbcencryptionsecret: value().optional(),
  }).refine((keys) => keys.secretboxencryptionsecret ?? keys.aescbcencryptionsecret, {
    path: ["secretboxencryptionsecret"],
    error: "expected the key by which Kubernetes encrypts its secrets",
  }),
  trustdinfo: section({ token: value() }),
  certs: section({
    etcd: pair(),
    k8s: pair(),
    k8saggregator: pair(),
    k8sserviceaccount: section({ key: value() }),
    os: pair(),
  }),
});

export type Bundle = z.output<typeof bundleSchema>;

/** The values of a bundle by their keys: `certs.os.key`. */
export function bundleValues(bundle: Bundle): [string, string][] {
  const walk = (node: unknown, path: string): [string, string][] =>
    typeof node === "string"
      ? [[path, node]]
      : Object.entries(node as object).flatMap(([key, member]) => walk(member, path ? `${path}.${key}` : key));
  return walk(bundle, "");
}

/** The bundle of a parsed YAML document, or all that is wrong with its form. No problem shows a value: any of them may be a secret. */
export function parseBundle(input: unknown): { bundle: Bundle } | { problems: Problem[] } {
  const parsed = bundleSchema.safeParse(input);
  if (parsed.success) return { bundle: parsed.data };
  return {
    problems: problemsOf(withoutStrangeKeys(parsed.error), input, bundleSchema).map(({ path, repair }) => ({
      path: path || "the file",
      repair,
    })),
  };
}

/** A key that is no slip of a known one may be a secret that got into its place. */
function withoutStrangeKeys({ issues }: z.ZodError): z.ZodError {
  const shown = (key: string, known: readonly string[]) => (closest(key, known) ? key : "(a key that is not shown)");
  return new z.ZodError(
    issues.map((issue) =>
      issue.code === "unrecognized_keys"
        ? { ...issue, keys: issue.keys.map((key) => shown(key, keysAt(bundleSchema, issue.path))) }
        : issue,
    ),
  );
}

/** What a template, which is committed, must not hold: a secret itself. Certificates and the cluster's ID are public. */
export function plainSecrets(template: Bundle): Problem[] {
  return bundleValues(template)
    .filter(([key, text]) => !isReference(text) && key !== "cluster.id" && !key.endsWith(".crt"))
    .map(([path, text]) => ({ path, repair: plain(text) }));
}

function plain(text: string): string {
  if (text.startsWith("ENC["))
    return "is encrypted by SOPS, which is not read here; keep the value in 1Password and write its op:// reference";
  return "is a secret in plain text; keep it in 1Password and write its op:// reference, and if this was ever committed, it is known";
}

/** The bundle as the Talos provider names its parts. */
export function machineSecretsOf({ cluster, secrets, trustdinfo, certs }: Bundle) {
  const pairOf = ({ crt, key }: { crt: string; key: string }) => ({ cert: crt, key });
  return {
    cluster,
    secrets: {
      bootstrapToken: secrets.bootstraptoken,
      secretboxEncryptionSecret: secrets.secretboxencryptionsecret ?? "",
      ...(secrets.aescbcencryptionsecret === undefined ? {} : { aescbcEncryptionSecret: secrets.aescbcencryptionsecret }),
    },
    trustdinfo,
    certs: {
      etcd: pairOf(certs.etcd),
      k8s: pairOf(certs.k8s),
      k8sAggregator: pairOf(certs.k8saggregator),
      k8sServiceaccount: certs.k8sserviceaccount,
      os: pairOf(certs.os),
    },
  };
}
