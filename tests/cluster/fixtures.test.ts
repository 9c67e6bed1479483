import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCluster } from "../../cluster/parse.ts";
import { DeclarationError } from "../../cluster/problems.ts";
import { configurationIn } from "../../cluster/stack-file.ts";

const folder = "tests/cluster/fixtures";
const names = (kind: string) =>
  readdirSync(`${folder}/${kind}`)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.replace(/\.yaml$/, ""));
const text = (path: string) => readFileSync(`${folder}/${path}`, "utf8");
const parse = (path: string) => parseCluster(configurationIn(path, text(path), "phoebe"));

function refusal(path: string): string {
  try {
    parse(path);
  } catch (error) {
    if (error instanceof DeclarationError) return error.message;
    throw error;
  }
  return "nothing is wrong with it";
}

/** Each breaks one rule; what is said about it stands beside it, word for word. */
describe("a configuration with one thing wrong is refused", () => {
  test.each(names("invalid"))("%s", (name) => {
    expect(refusal(`invalid/${name}.yaml`)).toBe(text(`invalid/${name}.txt`).trimEnd());
  });

  test("there is a message for each, and no message without its fixture", () => {
    const messages = readdirSync(`${folder}/invalid`).filter((file) => file.endsWith(".txt"));
    expect(messages.map((file) => file.replace(/\.txt$/, ""))).toEqual(names("invalid"));
  });
});

describe("a configuration with nothing wrong is taken", () => {
  test.each(names("valid"))("%s", (name) => {
    expect(() => parse(`valid/${name}.yaml`)).not.toThrow();
  });
});
