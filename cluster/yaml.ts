import { type Document, LineCounter, type ParseOptions, parseAllDocuments } from "yaml";
import { DeclarationError, type Problem } from "./problems.ts";

/** A parsed text with where its parts stand. */
export interface YamlText {
  documents: readonly Document.Parsed[];
  /** What is not YAML, each with `file:line:column` as its path. */
  problems: readonly Problem[];
  /** `file:line:column` of an offset in the text. */
  at(offset: number): string;
}

/** Reads a text of one or several documents. */
export function readYamlText(file: string, text: string): YamlText {
  const lines = new LineCounter();
  // Talos reads YAML as Go does, where `<<` merges.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: "silent" });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const parsed = Array.isArray(documents) ? (documents as Document.Parsed[]) : [];
  const problems = parsed.flatMap((document) =>
    document.errors.map(({ message, pos }) => ({ path: at(pos[0]), repair: `is not valid YAML: ${firstLine(message)}` })),
  );
  return { documents: parsed, problems, at };
}

/** The value of a text of one document; undefined where it is empty. What is not YAML is one DeclarationError with all the places. */
export function parseYaml(file: string, text: string): unknown {
  const { documents, problems, at } = readYamlText(file, text);
  const [document, second] = documents;
  const found = [...problems];
  if (second) found.push({ path: at(second.range[0]), repair: "a second document begins here; this file holds one" });
  if (found.length > 0) throw new DeclarationError(file, found);
  return (document && documentValue(file, document)) ?? undefined;
}

/** A document's value. An alias that refers to nothing, or to too much, is known only now. */
export function documentValue(file: string, document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new DeclarationError(file, [{ path: file, repair: `cannot be read: ${firstLine((error as Error).message)}` }]);
  }
}

/**
 * The documents of a text; undefined where it is not YAML. Why it is not, is left out: the parser's words quote the text, and a machine config holds
 * secrets.
 */
export function documentsIn(text: string, options?: ParseOptions): Document.Parsed[] | undefined {
  const documents = parseAllDocuments(text, options);
  if ("empty" in documents) return [];
  return documents.some(({ errors }) => errors.length > 0) ? undefined : documents;
}

/** Whether a parsed value is a mapping. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}
