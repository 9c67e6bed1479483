import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { releaseFileSchema, stackFileSchema } from "../../cluster/json-schema.ts";
import { parseCluster } from "../../cluster/parse.ts";

test.each([
  ["phoebe.schema.json", stackFileSchema("phoebe")],
  ["release.schema.json", releaseFileSchema()],
])("the committed %s is what the code says; if not: npm run generate:schema", (file, schema) => {
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(schema)));
});

const stackFiles = readdirSync(".").filter((file) => /^Pulumi\..+\.yaml$/.test(file));
describe.each(stackFiles)("%s", (file) => {
  const text = readFileSync(file, "utf8");

  test("names its schema for editors in its first line", () => {
    expect(text.split("\n", 1)[0]).toBe("# yaml-language-server: $schema=./phoebe.schema.json");
  });

  test("has nothing wrong", () => {
    const config = (parse(text) as { config: Record<string, unknown> }).config;
    expect(() =>
      parseCluster(Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(/^phoebe:/, ""), value]))),
    ).not.toThrow();
  });
});
