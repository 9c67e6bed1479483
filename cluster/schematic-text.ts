import { Document, Scalar, stringify, visit } from "yaml";

/** A tree in the text that Image Factory would write, to the letter: four spaces, its encoder's quotes. The ID is a hash of this text. */
export function factoryText(tree: Record<string, unknown>): string {
  const document = new Document(tree);
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string") scalar.type = styleOf(scalar.value);
    },
  });
  return document.toString({ indent: 4, lineWidth: 0, singleQuote: true });
}

/** Words and numbers of YAML 1.1 that would not be read back as text: the factory's encoder puts them in double quotes, and all else in single ones. */
const readAsSomethingElse = new RegExp(
  [
    "y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|~|null|Null|NULL",
    "[-+]?(\\.inf|\\.Inf|\\.INF)|\\.nan|\\.NaN|\\.NAN",
    "[-+]?(\\.[0-9][0-9_]*|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?",
    "[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?[0-9][0-9_]*",
    "[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?",
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?",
  ]
    .map((form) => `^(${form})$`)
    .join("|"),
);

function styleOf(text: string): Scalar.Type {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (text === "" || readAsSomethingElse.test(text) || /[\x00-\x1f\x7f]/.test(text)) return Scalar.QUOTE_DOUBLE;
  const isPlain = !/^(---|\.\.\.)/.test(text) && stringify(text, { lineWidth: 0 }) === `${text}\n`;
  return isPlain ? Scalar.PLAIN : Scalar.QUOTE_SINGLE;
}
