/**
 * A tree in the text that Image Factory would write, to the letter, since the ID is a hash of it. A YAML library writes what means the same, but
 * its quotes and blocks are its own; these are the rules of the factory's encoder (go-yaml), as far as a schematic comes to them.
 */
export function factoryText(tree: Record<string, unknown>): string {
  return mapping(tree, 0);
}

const step = 4;

function mapping(tree: object, indent: number): string {
  return entries(tree)
    .map(([key, value]) => `${" ".repeat(indent)}${scalar(key, 0, true)}:${below(value, indent)}`)
    .join("");
}

function entries(tree: object): [string, unknown][] {
  return tree instanceof Map ? [...tree] : Object.entries(tree);
}

/** A value behind its key. */
function below(value: unknown, indent: number): string {
  if (Array.isArray(value)) return value.length === 0 ? " []\n" : `\n${value.map((item) => listItem(item, indent + step)).join("")}`;
  if (typeof value === "object" && value !== null) {
    return entries(value).length === 0 ? " {}\n" : `\n${mapping(value, indent + step)}`;
  }
  return ` ${scalar(value, step * Math.floor((indent + step) / step))}\n`;
}

/** An item of a list. The first line of a nested one follows the dash. */
function listItem(value: unknown, indent: number): string {
  const dash = `${" ".repeat(indent)}- `;
  if (Array.isArray(value) && value.length > 0)
    return (
      dash +
      value
        .map((item) => listItem(item, indent + 2))
        .join("")
        .trimStart()
    );
  if (typeof value === "object" && value !== null && entries(value).length > 0) return dash + mapping(value, indent + 2).trimStart();
  if (typeof value === "object" && value !== null) return `${dash}${Array.isArray(value) ? "[]" : "{}"}\n`;
  return `${dash}${scalar(value, indent + 2)}\n`;
}

/** A value on one line, or as a block whose lines are indented. */
function scalar(value: unknown, indent: number, isKey = false): string {
  if (typeof value === "number") return number(value);
  if (typeof value !== "string") return String(value);
  // Lines, unless a block would not give every character back.
  if (value.includes("\n")) {
    const fitsBlock = !isKey && /[^\s\x85]/.test(value) && !/ $| [\n\u2028\u2029]/.test(value) && !special.test(value);
    return fitsBlock ? block(value, indent) : doubleQuoted(value);
  }
  if (readAsSomethingElse.test(value)) return doubleQuoted(value);
  if (!special.test(value) && !/^[ \u2028\u2029]|[ \u2028\u2029]$|[\t\u2028\u2029]/.test(value) && !indicator.test(value)) return value;
  const fitsQuotes = !special.test(value) && !/\t| [\u2028\u2029]|[\u2028\u2029] /.test(value);
  return fitsQuotes ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value);
}

/** Characters that YAML has to escape. A tab is none of them. */
const special = /[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

/** What begins something else than a text: at the beginning, before a space, behind one. */
const indicator = /^(---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[?:-]([ \t]|$)|:([ \t]|$)|[ \t]#/;

/** Words and numbers that would not be read back as text, those of YAML 1.1 among them. */
const readAsSomethingElse = new RegExp(
  [
    "|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|~|null|Null|NULL|<<",
    "[-+]?(\\.inf|\\.Inf|\\.INF)|\\.nan|\\.NaN|\\.NAN|\\.[0-9][0-9_]*([eE][-+]?[0-9]+)?",
    "[-+](\\.[0-9_]*[0-9][0-9_]*)([eE][-+]?[0-9]+)?|([-+]_*)?[0-9][0-9_]*(\\.[0-9_]*)?([eE][-+]?_*[0-9][0-9_]*)?",
    "([-+]_*)?0_*([bB]_*[01][01_]*|[oO]_*[0-7][0-7_]*|[xX]_*[0-9a-fA-F][0-9a-fA-F_]*)",
    "[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?",
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.,][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?",
  ]
    .map((form) => `^(${form})$`)
    .join("|"),
);

function block(text: string, indent: number): string {
  const hint = text.startsWith(" ") ? String(step) : "";
  const chomp = text.endsWith("\n") ? (/(^|\n)\n$/.test(text) ? "+" : "") : "-";
  const lines = text.replace(/\n$/, "").split("\n");
  return `|${hint}${chomp}\n${lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line)).join("\n")}`;
}

const escapes: Record<string, string> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\u2028": "L",
  "\u2029": "P",
};

function doubleQuoted(text: string): string {
  const escaped = [...text].map((character) => {
    if (!special.test(character) && !(character in escapes)) return character;
    const code = character.codePointAt(0) ?? 0;
    const hex = (letter: string, digits: number) => letter + code.toString(16).toUpperCase().padStart(digits, "0");
    return `\\${escapes[character] ?? (code <= 0xff ? hex("x", 2) : code <= 0xffff ? hex("u", 4) : hex("U", 8))}`;
  });
  return `"${escaped.join("")}"`;
}

/** A number as Go writes it: with an exponent from a million on, unless it is whole. */
function number(value: number): string {
  const [digits, exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (Number.isInteger(value) || (power >= -4 && power < 6)) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
