import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { keysAt } from "../../cluster/known-keys.ts";
import { parseCluster } from "../../cluster/parse.ts";
import { patchProblems } from "../../cluster/patch-checks.ts";
import { DeclarationError } from "../../cluster/problems.ts";
import { parseRelease, releaseSchema } from "../../cluster/release.ts";
import { clusterSchema } from "../../cluster/schema.ts";
import { parseSchematic } from "../../cluster/schematic.ts";
import { type Bundle, bundleValues } from "../../cluster/secrets/bundle.ts";
import { bundleOf, parseTemplate } from "../../cluster/secrets/template.ts";
import { configurationIn } from "../../cluster/stack-file.ts";
import { parseYaml } from "../../cluster/yaml.ts";
import { makeBundle } from "./secrets/fixtures.ts";
import { anyYaml } from "./support/any-yaml.ts";
import { readOrRefused } from "./support/read-or-refused.ts";

const texts = (folder: string, name: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => name.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
/** Of each kind of file. */
const runs = { numRuns: 2_000 };

test("any text as a stack file", () => {
  const examples = [...texts(".", /^Pulumi\.[a-z]+\.yaml$/), ...texts("tests/cluster/fixtures/valid", /\.yaml$/)];
  const configuration = Object.keys(clusterSchema.shape).flatMap((key) => [key, `phoebe:${key}`]);
  const nested = [["nodes", 0], ["nodes", 0, "installDisk"], ["secrets"]].flatMap((path) => keysAt(clusterSchema, path));
  const keys = ["config", ...configuration, ...nested];
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

let bundle: Bundle;
beforeAll(async () => {
  bundle = await makeBundle();
});
const bundleKeys = () => [...new Set(bundleValues(bundle).flatMap(([key]) => key.split("."))), "op://vault/item/field"];

test("any text as a secrets file", () => {
  const template = readFileSync("talsecret.yaml", "utf8");
  const property = fc.property(anyYaml([template, "op://vault/item/field"], bundleKeys()), (text) =>
    readOrRefused(() => parseTemplate("talsecret.yaml", text)),
  );
  fc.assert(property, runs);
});

test("any text in 1Password as a bundle, of which nothing is shown", () => {
  const whole = parseTemplate("talsecret.yaml", "op://vault/item/field");
  const property = fc.property(anyYaml([stringify(bundle)], bundleKeys()), (text) =>
    readOrRefused(
      () => bundleOf(whole, new Map([["op://vault/item/field", text]])),
      (message) => {
        for (const [, value] of bundleValues(bundle)) expect(message).not.toContain(value.slice(0, 16));
      },
    ),
  );
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
