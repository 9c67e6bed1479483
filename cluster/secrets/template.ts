import { parseDocument } from "yaml";
import { DeclarationError, type Problem } from "../problems.ts";
import { type Bundle, parseBundle, plainSecrets } from "./bundle.ts";
import { checkBundle } from "./check.ts";
import { fill, isReference, type Located, malformed, referencesIn, strayReferences, type Values } from "./references.ts";

/** The committed secrets file: Talos's, with references in the place of values, or one reference to all of it. */
export interface Template {
  file: string;
  text: string;
  references: Located[];
}

/** Reads a template. Throws one DeclarationError with all that is wrong, as far as that can be known without its values. */
export function parseTemplate(file: string, text: string): Template {
  const document = yaml(file, text);
  const references = referencesIn(file, text);
  const problems: Problem[] = isReference(document)
    ? [malformed(document)].flatMap((repair) => (repair ? [{ path: "the file", repair }] : []))
    : [...formProblems(document), ...strayReferences(file, text)];
  if (problems.length > 0) throw new DeclarationError(file, problems);
  return { file, text, references };
}

/** The bundle that a template stands for, once its values are known. One that is not whole and right is a DeclarationError. */
export function bundleOf({ file, text }: Template, values: Values, now?: Date): Bundle {
  const document = yaml(file, text);
  const whole = isReference(document);
  const filled = whole ? yaml(document, values.get(document) ?? "") : yaml(file, fill(text, values));
  const parsed = parseBundle(filled);
  const problems = "problems" in parsed ? parsed.problems : checkBundle(parsed.bundle, now);
  if (problems.length > 0 || "problems" in parsed) throw new DeclarationError(whole ? `${file} (${document})` : file, problems);
  return parsed.bundle;
}

function formProblems(document: unknown): Problem[] {
  const parsed = parseBundle(document);
  return "problems" in parsed ? parsed.problems : plainSecrets(parsed.bundle);
}

/** A parsed YAML document. What the parser says may quote the text, so only the place of an error is told. */
function yaml(file: string, text: string): unknown {
  const document = parseDocument(text, { logLevel: "silent" });
  const [error] = document.errors;
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    throw new DeclarationError(file, [{ path: `line ${line}, column ${col}`, repair: `is not valid YAML (${error.code})` }]);
  }
  try {
    return document.toJS() as unknown;
  } catch {
    throw new DeclarationError(file, [{ path: "the file", repair: "has an alias that leads nowhere, or too many" }]);
  }
}
