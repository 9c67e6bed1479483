import { Document, isMap, isScalar, isSeq, type Pair, Scalar } from "yaml";
import { type Detector, disclosureOf } from "./disclosure.ts";
import { documentsIn } from "./yaml.ts";

/** What stands in the place of a secret. */
export const redacted = "<redacted>";
/** What stands in the place of a machine config of which it is not certain that no secret is left in it. */
export const withheld = "# Not shown: it could not be made certain that no secret is in it.\n";

/** Keys under which Talos, and what is configured through it, hold a secret: token, identityToken, passphrase, privateKey, … */
const secretName = /(token|secret|password|passphrase|pre-?shared-?key|private-?key|api-?key|auth-?key|auth|credential)s?$/i;
/** Values that hold one wherever they stand: a user in a URL, a parameter or a variable by such a name, a Kubernetes Secret. */
const secretShape = /:\/\/[^/@\s]+@|(token|secret|password|passphrase|key)=.|^\s*(- )?"?kind"?: *"?Secret\b/im;
/** Where a `key` is a private one although no certificate stands beside it. */
const keyOwners = ["serviceAccount", "clientIdentity"];

/** Makes a machine config one for people. */
export type Reader = (machineConfig: string) => string;

/**
 * Makes machine configs ones for people to read: the same text whatever the secrets are, so that a rendering with made-up ones differs in nothing.
 *
 * Each value goes through two nets: what equals, contains or encodes one of the known `secrets`, and what stands where Talos keeps one.
 * Then the whole is searched once more. Of YAML only plain data is left: a comment may say anything.
 */
export function readerOf(secrets: Iterable<string>): Reader {
  const discloses = disclosureOf(secrets);
  return (machineConfig) => readable(machineConfig, discloses);
}

function readable(machineConfig: string, discloses: Detector): string {
  try {
    const documents = documentsIn(machineConfig, { intAsBigInt: true });
    if (!documents?.length) return withheld;
    const text = documents
      .map(({ contents }) => new Document(clean(contents, { path: [] }, discloses)).toString({ lineWidth: 0 }))
      .join("---\n");
    return discloses(text) ? withheld : text;
  } catch {
    // Not even the message: it might quote what it stumbled over.
    return withheld;
  }
}

/** The values of a secrets bundle that must not be read: all but its certificates, which are public, and the cluster's ID. */
export function secretsIn(bundle: unknown, path: readonly string[] = []): string[] {
  if (typeof bundle === "string") return /^(cert|crt)$/.test(path.at(-1) ?? "") || path.join(".") === "cluster.id" ? [] : [bundle];
  if (typeof bundle !== "object" || bundle === null) return [];
  return Object.entries(bundle).flatMap(([key, value]) => secretsIn(value, [...path, key]));
}

/** Where a value stands: the keys above it, and those beside it. */
interface Place {
  path: readonly string[];
  siblings?: readonly string[];
}

/** Plain data again, without what must not be read. */
function clean(node: unknown, place: Place, discloses: Detector): unknown {
  if (isMap(node)) return cleanMap(node.items, place, discloses);
  if (isSeq(node)) return node.items.map((item) => clean(item, place, discloses));
  if (isScalar(node)) return isSecret(node, place, discloses) ? redacted : plain(node);
  // An alias, which Talos never writes.
  return node === null || node === undefined ? null : redacted;
}

function cleanMap(items: readonly Pair[], { path }: Place, discloses: Detector): Map<Scalar, unknown> {
  const keys = items.map(({ key }) => (isScalar(key) ? String(key.value) : ""));
  return new Map(
    items.map(({ key, value }, index) => {
      const shown = isScalar(key) && !isSecret(key, { path: [] }, discloses) ? plain(key) : new Scalar(redacted);
      return [shown, clean(value, { path: [...path, keys[index] as string], siblings: keys }, discloses)];
    }),
  );
}

function isSecret({ value, source = "" }: Scalar, { path, siblings = [] }: Place, discloses: Detector): boolean {
  if (value === "" || value === null || typeof value === "boolean") return false;
  // As it was written too: 0017 is the number 17, and 12345678901234567.8 another one.
  const forms = [String(value), source];
  return isSecretPlace(path, siblings) || forms.some((form) => secretShape.test(form) || discloses(form));
}

function isSecretPlace(path: readonly string[], siblings: readonly string[]): boolean {
  const [owner = "", name = ""] = path.slice(-2).length === 2 ? path.slice(-2) : ["", ...path];
  if (name === "key") return siblings.includes("crt") || siblings.includes("cert") || /ca$/i.test(owner) || keyOwners.includes(owner);
  // The certificate of a key, and the cluster's ID, are no secrets, but come with the bundle.
  if (name === "crt" || name === "cert") return siblings.includes("key");
  return secretName.test(name) || path.join(".") === "cluster.id";
}

function plain({ value, format }: Scalar): Scalar {
  const scalar = new Scalar(value);
  if (format !== undefined) scalar.format = format;
  return scalar;
}
