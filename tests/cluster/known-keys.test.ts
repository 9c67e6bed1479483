import { expect, test } from "vitest";
import type { z } from "zod";
import { keysAt } from "../../cluster/known-keys.ts";
import { clusterSchema } from "../../cluster/schema.ts";
import { schematicSchema } from "../../cluster/schematic-schema.ts";
import { bundleSchema } from "../../cluster/secrets/bundle.ts";

test.each<[string, z.ZodType, PropertyKey[], string[]]>([
  ["a mapping", bundleSchema, ["trustdinfo"], ["token"]],
  ["a mapping in a mapping", bundleSchema, ["certs", "os"], ["crt", "key"]],
  ["one that may be left out", schematicSchema, ["customization", "secureboot"], ["enrollKeys", "includeWellKnownCertificates"]],
  ["an item of a list", schematicSchema, ["customization", "meta", 3], ["key", "value"]],
  ["one of several forms", clusterSchema, ["secrets"], ["source", "template", "account"]],
  ["a text", clusterSchema, ["endpoint"], []],
  ["a key that nobody knows", clusterSchema, ["endpont", "host"], []],
])("the keys of %s", (_, schema, path, keys) => {
  expect(keysAt(schema, path)).toEqual(keys);
});

test("a mapping that may stand in the place of a text has its keys", () => {
  expect(keysAt(clusterSchema, ["nodes", 0, "installDisk"])).toContain("busPath");
});

test("a key that is known so that it can be refused is none to suggest", () => {
  const keys = keysAt(schematicSchema, ["customization"]);
  expect(keys).toContain("extraKernelArgs");
  expect(keys).not.toContain("embeddedMachineConfiguration");
});
