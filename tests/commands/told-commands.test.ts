/** An owner has Pulumi by npm ci alone: what a message or a document tells to type has to be there under that name. */
import { globSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

/** What is wrong with the commands that a text names. */
const mistakes: readonly (readonly [string, RegExp])[] = [
  ["a Pulumi that nobody has", /(?<!npx )\bpulumi (up|preview|refresh|destroy|cancel|config|stack|state|login|import|package)\b/],
  ["a script that runs by npm run operation", /(?<!npx node )operations\/[a-z-]+\.ts/],
  ["no script of package.json", new RegExp(`npm run (?!--silent|(?:${Object.keys(scripts).join("|")})(?!\\w))`)],
  ["an option that npm keeps for itself", /npm run (--silent )?[\w:]+ -(?!-( |$))/],
];

/** The texts of a program: comments are for those who change it. */
function stringsOf(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest));
  return found;
}

const told = [
  ...globSync(["*.ts", "{cluster,commands,components,operations,sources}/**/*.{ts,mjs}", "lab/*.mjs", ".github/*.ts"]).flatMap((file) =>
    stringsOf(file).map((text) => ({ file, text })),
  ),
  ...globSync(["*.{md,yaml}", "{docs,operations,lab,sdks}/*.md", "{apps,patches,stacks,.github}/**/*.yaml"]).flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((text) => ({ file, text })),
  ),
];

test.each(mistakes)("no message and no document names %s", (_, mistake) => {
  expect(told.filter(({ text }) => mistake.test(text)).map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
});

test("messages of all parts are looked at", () => {
  const files = new Set(told.map(({ file }) => file));
  for (const file of ["operations/lib/etcd/gate.ts", "cluster/machines.ts", "components/deletions.ts", "docs/runbook.md", "README.md"])
    expect(files).toContain(file);
});
