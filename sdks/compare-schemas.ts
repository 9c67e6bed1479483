// Compares our schema of the Talos package with the package's own, named by TALOS_SCHEMA:
//
//   TALOS_SCHEMA=<file> npm run check:schema
//
// What is here may be less than there is, but never something else: every token and property of ours has to be there with
// the same type, and to be required, secret and plain exactly where the official one is.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };

/** Keys that hold prose: the only ones that may differ freely. */
const PROSE = new Set(["description", "deprecationMessage"]);

/** Lists of property names: ours leaves out those of the properties that it leaves out. */
const NAME_LISTS = new Set(["required", "requiredInputs"]);

/** Maps in which ours may hold less. */
const SUBSETS = new Set(["resources", "functions", "types", "variables", "properties", "inputProperties"]);

/** What of a package's own fields decides how its plugin is found and its code is generated. */
const PACKAGE = ["name", "version", "pluginDownloadURL", "meta"];

const isFields = (value: Json | undefined): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

const show = (value: Json | undefined): string => (value === undefined ? "nothing" : JSON.stringify(value));

/** A reference is written with and without the slash after the hash; both are the same. */
const normalized = (key: string, value: Json | undefined): Json | undefined =>
  key === "$ref" && typeof value === "string" ? value.replace(/^#types/, "#/types") : value;

/** What is said for Node.js alone; the other languages are not generated. */
const nodejs = (language: Json | undefined): Json => (isFields(language) ? (language.nodejs ?? null) : null);

/** Names that ours lists as required, next to those the official one lists among what ours has at all. */
function compareNames(ours: Fields, theirs: Fields, key: string, present: Set<string>, at: string): string[] {
  const names = (value: Json | undefined) => (Array.isArray(value) ? value.map(String).sort() : []);
  const mine = names(ours[key]);
  const wanted = names(theirs[key]).filter((name) => present.has(name));
  return String(mine) === String(wanted) ? [] : [`${at}.${key}: ours ${show(mine)}, official ${show(wanted)}`];
}

/** Every difference between two values of the schema, each as one line. */
export function differences(ours: Json, theirs: Json | undefined, at: string): string[] {
  if (!isFields(ours) || !isFields(theirs)) {
    return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [`${at}: ours ${show(ours)}, official ${show(theirs)}`];
  }
  const found: string[] = [];
  const mapOfNames = SUBSETS.has(at.slice(at.lastIndexOf(".") + 1));
  const keys = new Set([...Object.keys(ours), ...(mapOfNames ? [] : Object.keys(theirs))]);
  for (const key of keys) {
    const path = `${at}.${key}`;
    const mine = normalized(key, ours[key]);
    const official = normalized(key, theirs[key]);
    if (!mapOfNames && (PROSE.has(key) || key === "methods")) continue;
    if (!mapOfNames && key === "language") {
      found.push(...differences(nodejs(mine), nodejs(official), path));
    } else if (!mapOfNames && NAME_LISTS.has(key)) {
      const properties = key === "requiredInputs" ? ours.inputProperties : ours.properties;
      found.push(...compareNames(ours, theirs, key, new Set(Object.keys(properties ?? {})), at));
    } else if (mine === undefined || official === undefined) {
      if (mine !== official) found.push(`${path}: ours ${show(mine)}, official ${show(official)}`);
    } else {
      found.push(...differences(mine, official, path));
    }
  }
  return found;
}

/** All differences between two whole schemas. */
export function compareSchemas(ours: Fields, theirs: Fields): string[] {
  const packages = PACKAGE.flatMap((key) => differences(ours[key] ?? null, theirs[key] ?? null, key));
  const contents = ["config", "provider", "types", "resources", "functions"].flatMap((key) =>
    differences(ours[key] ?? {}, theirs[key] ?? {}, key),
  );
  return [...packages, ...contents];
}

function main(): void {
  const official = process.env.TALOS_SCHEMA;
  if (!official) {
    throw new Error(
      "TALOS_SCHEMA is not set: give it the path of the Talos package's schema, as `pulumi package get-schema talos@0.8.1` prints it.",
    );
  }
  const read = (path: string): Fields => JSON.parse(readFileSync(path, "utf8")) as Fields;
  const ours = fileURLToPath(new URL("../lab/internal/talosprovider/schema.json", import.meta.url));
  const found = compareSchemas(read(ours), read(official));
  if (found.length > 0) {
    throw new Error(`${ours} differs from ${official}:\n  ${found.join("\n  ")}`);
  }
  console.log("Our schema says what the official schema says, where it says anything.");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
