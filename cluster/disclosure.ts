/**
 * Finds known secrets in text, however they are written there: as they are, folded over lines, escaped, percent-encoded, in base64 or
 * hexadecimal at any offset, and each of these inside another. Texts are compared as bytes, a character for each, and without white space.
 */

/** More readings than any honest text has: what yields more is not read to its end. */
const mostReadings = 2_000;
/** Fewer bytes are found by chance wherever something is decoded, so that only plain text is searched for them. */
const shortest = 4;

const privateKey = /BEGIN[A-Z0-9]*PRIVATEKEY/;

export type Detector = (text: string) => boolean;

/** Answers whether a text discloses one of the secrets, or any private key. One that cannot be read to its end counts as if it did. */
export function disclosureOf(secrets: Iterable<string>): Detector {
  const known = [...new Set([...secrets].flatMap(formsOf))].filter((form) => form !== "");
  const long = known.filter((form) => form.length >= shortest);
  const discloses = (text: string) => {
    let count = 0;
    for (const reading of readings(bytes(text))) {
      const searched = squeezed(reading);
      if (++count > mostReadings || privateKey.test(searched)) return true;
      if ((count === 1 ? known : long).some((form) => searched.includes(form))) return true;
    }
    return false;
  };
  // Most values stand in the machine config of every node.
  const answers = new Map<string, boolean>();
  return (text) => {
    const answer = answers.get(text) ?? discloses(text);
    answers.set(text, answer);
    return answer;
  };
}

/** A secret as it is, and what it is the encoding of: the PEM in a bundle's base64, the key in that PEM. */
function formsOf(secret: string): string[] {
  const forms = new Set([squeezed(bytes(secret))]);
  for (const form of forms) {
    const inner = form.match(/^-----BEGIN[^-]+-----([^-]+)-----END/)?.[1];
    if (inner) forms.add(inner);
    if (form.length >= 16 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(form)) forms.add(squeezed(decoded(form, "base64")));
  }
  return [...forms];
}

/** A text, and all that it says once encodings are taken off, layer by layer. */
function* readings(text: string): Generator<string> {
  const seen = new Set([text]);
  yield text;
  for (const reading of seen) {
    for (const inner of decoders.flatMap((decode) => decode(reading))) {
      if (inner !== "" && !seen.has(inner)) yield inner;
      seen.add(inner);
    }
  }
}

const decoders: readonly ((text: string) => string[])[] = [
  // Without white space, a run may begin with letters that do not belong to it: each offset is tried.
  (text) => [0, 1, 2, 3].map((offset) => runs(text, /[A-Za-z0-9+/_-]{6,}/g, offset, "base64")),
  (text) => [0, 1].map((offset) => runs(text, /[0-9A-Fa-f]{8,}/g, offset, "hex")),
  (text) => [text.replace(/(\\u[0-9A-Fa-f]{4})+|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\\r?\n[ \t]*|\\./gs, unescaped)],
  // In a query, a plus stands for a space.
  (text) => [text, text.replaceAll("+", " ")].map((form) => form.replace(/%[0-9A-Fa-f]{2}/g, (code) => character(code.slice(1)))),
  // A quote within YAML's single quotes.
  (text) => [text.replaceAll("''", "'")],
];

/** The decoded runs of a text, apart from each other. */
function runs(text: string, form: RegExp, offset: number, encoding: "base64" | "hex"): string {
  return [...squeezed(text).matchAll(form)].map(([run]) => decoded(run.slice(offset), encoding)).join("\0");
}

/** What stands for one character in the strings of JSON, YAML and Go, where that is not the letter itself. */
const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", b: "\b", a: "\x07", e: "\x1b", 0: "\0" };
/** YAML's own, beyond ASCII. */
const unicodeEscapes: Record<string, string> = { N: "\u0085", _: "\u00a0", L: "\u2028", P: "\u2029" };

function unescaped(sequence: string): string {
  const letter = sequence.charAt(1);
  // A line that goes on in the next one.
  if (/[\r\n]/.test(letter)) return "";
  if (sequence.length === 2) return escapes[letter] ?? (unicodeEscapes[letter] ? bytes(unicodeEscapes[letter]) : letter);
  if (letter === "u") return bytes(JSON.parse(`"${sequence}"`) as string);
  if (letter === "U") return bytes(String.fromCodePoint(Number.parseInt(sequence.slice(2), 16) % 0x110000));
  return character(sequence.slice(2));
}

const character = (code: string) => String.fromCharCode(Number.parseInt(code, 16));
const decoded = (text: string, encoding: "base64" | "hex") => Buffer.from(text, encoding).toString("latin1");
const squeezed = (text: string) => text.replace(/[\t\n\v\f\r ]+/g, "");
const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");
