import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCluster } from "../../cluster/parse.ts";
import { patchProblems } from "../../cluster/patch-checks.ts";
import { DeclarationError } from "../../cluster/problems.ts";
import { parseRelease, releaseSchema } from "../../cluster/release.ts";
import { clusterSchema, diskSelectorKeys, nodeSchema } from "../../cluster/schema.ts";
import { parseSchematic } from "../../cluster/schematic.ts";
import { configurationIn } from "../../cluster/stack-file.ts";
import { parseYaml } from "../../cluster/yaml.ts";
import { anyYaml } from "./support/any-yaml.ts";

/** Whatever a file holds, it is read or refused with problems that say where and what, and never in words that are a program's. */
function readOrRefused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { path, repair } of error.problems) {
      expect(path).not.toBe("");
      expect(repair).not.toMatch(/^$|undefined|\[object|TypeError|RangeError|\bat .*\.ts:/);
    }
  }
}

const texts = (folder: string, name: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => name.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
const runs = { numRuns: 1_000 };

test("any text as a stack file", () => {
  const examples = [...texts(".", /^Pulumi\.[a-z]+\.yaml$/), ...texts("tests/cluster/fixtures/valid", /\.yaml$/)];
  const configuration = Object.keys(clusterSchema.shape).flatMap((key) => [key, `phoebe:${key}`]);
  const keys = ["config", ...configuration, ...Object.keys(nodeSchema.shape), ...diskSelectorKeys, "source"];
  const property = fc.property(anyYaml(examples, keys), (text) =>
    readOrRefused(() => parseCluster(configurationIn("Pulumi.any.yaml", text, "phoebe"))),
  );
  fc.assert(property, runs);
});

test("any values as a configuration", () => {
  const keys = fc.constantFrom(...Object.keys(clusterSchema.shape), "other");
  const property = fc.property(fc.dictionary(keys, fc.anything({ maxDepth: 3 })), (input) => readOrRefused(() => parseCluster(input)));
  fc.assert(property, runs);
});

test("any text as a patch", () => {
  const examples = [...texts("patches", /\.yaml$/), ...texts("stacks", /patches\/.*\.yaml$/)];
  const keys = [
    "machine",
    "cluster",
    "network",
    "interfaces",
    "kubelet",
    "registries",
    "apiVersion",
    "kind",
    "name",
    "$patch",
    "op",
    "path",
  ];
  const property = fc.property(anyYaml(examples, keys), fc.constantFrom("v1.11", "v1.13", undefined), (text, contract) => {
    const problems = patchProblems("patches", [{ path: "global/any.yaml", text }], contract);
    if (problems.length > 0)
      readOrRefused(() => {
        throw new DeclarationError("patches", problems);
      });
    for (const { path } of problems) expect(path).toMatch(/^patches\/global\/any\.yaml:\d+:\d+$/);
  });
  fc.assert(property, runs);
});

test("any text as a schematic", () => {
  const keys = [
    "customization",
    "extraKernelArgs",
    "systemExtensions",
    "officialExtensions",
    "overlay",
    "image",
    "name",
    "meta",
    "key",
    "value",
    "secureboot",
  ];
  const examples = [readFileSync("schematic.yaml", "utf8"), ...texts("stacks", /schematic.*\.yaml$/)];
  fc.assert(
    fc.property(anyYaml(examples, keys), (text) => readOrRefused(() => parseSchematic("schematic.yaml", text))),
    runs,
  );
});

test("any text as a release", () => {
  const keys = Object.keys(releaseSchema.shape);
  const property = fc.property(anyYaml(texts("apps", /release\.yaml$/), keys), (text) =>
    readOrRefused(() => parseRelease("release.yaml", parseYaml("release.yaml", text))),
  );
  fc.assert(property, runs);
});
