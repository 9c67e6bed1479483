import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const sources = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${folder}/${file}`, "utf8") }));
const importing = (folder: string, module: RegExp) =>
  sources(folder)
    .filter(({ text }) => [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].some(([, name]) => module.test(name ?? "")))
    .map(({ file }) => file);

test("the declared cluster knows nothing of Pulumi or of files", () => {
  expect(importing("cluster", /^@pulumi|^node:(fs|path|child_process|net|http)|\.\.\/(sources|commands|components|operations)/)).toEqual(
    [],
  );
});

test("components know nothing of files, nor of who reads them", () => {
  expect(importing("components", /^node:(fs|path|child_process)|\.\.\/(sources|commands)/)).toEqual([]);
});

test("operations know neither Pulumi nor the files of a stack", () => {
  expect(importing("operations", /^@pulumi|\.\.\/(sources|components)/)).toEqual([]);
});

test("Pulumi's configuration is read in one place", () => {
  const readers = ["cluster", "components", "sources", "commands", "operations"]
    .flatMap(sources)
    .filter(({ text }) => /pulumi\.Config\b|allConfig/.test(text));
  expect(readers.map(({ file }) => file)).toEqual(["sources/config.ts"]);
});

test("no file is longer than 300 lines", () => {
  const long = ["cluster", "components", "sources", "commands", "operations"]
    .flatMap(sources)
    .filter(({ text }) => text.split("\n").length > 301);
  expect(long.map(({ file }) => file)).toEqual([]);
});
