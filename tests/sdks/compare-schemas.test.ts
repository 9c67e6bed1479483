import { describe, expect, test } from "vitest";
import { compareSchemas } from "../../sdks/compare-schemas.ts";

const official = {
  name: "talos",
  version: "0.8.1",
  types: {
    "talos:machine/generated:Key": {
      description: "theirs",
      type: "object",
      properties: { key: { type: "string", secret: true }, note: { type: "string" } },
      required: ["key", "note"],
    },
  },
  resources: {
    "talos:machine/secrets:Secrets": {
      properties: { key: { $ref: "#types/talos:machine/generated:Key" } },
      inputProperties: { key: { $ref: "#types/talos:machine/generated:Key" } },
      requiredInputs: ["key"],
    },
    "talos:machine/bootstrap:Bootstrap": {},
  },
};

const ours = () => ({
  name: "talos",
  version: "0.8.1",
  types: {
    "talos:machine/generated:Key": {
      description: "ours",
      type: "object",
      properties: { key: { type: "string", secret: true } as { type: string; secret?: boolean } },
      required: ["key"],
    },
  },
  resources: {
    "talos:machine/secrets:Secrets": {
      properties: { key: { $ref: "#/types/talos:machine/generated:Key" } },
      inputProperties: { key: { $ref: "#/types/talos:machine/generated:Key" } },
      requiredInputs: ["key"],
    },
  },
});

describe("comparing our Talos schema with the official one", () => {
  test("accepts a part of it, in other words", () => {
    expect(compareSchemas(ours(), official)).toEqual([]);
  });

  test("names a secret that is not marked", () => {
    const schema = ours();
    schema.types["talos:machine/generated:Key"].properties.key = { type: "string" };
    expect(compareSchemas(schema, official)).toEqual([
      "types.talos:machine/generated:Key.properties.key.secret: ours nothing, official true",
    ]);
  });

  test("names what is required there and not here, another type, and another version", () => {
    const schema = { ...ours(), version: "0.8.2" };
    schema.types["talos:machine/generated:Key"].required = [];
    schema.types["talos:machine/generated:Key"].properties.key.type = "number";
    expect(compareSchemas(schema, official)).toEqual([
      'version: ours "0.8.2", official "0.8.1"',
      'types.talos:machine/generated:Key.properties.key.type: ours "number", official "string"',
      'types.talos:machine/generated:Key.required: ours [], official ["key"]',
    ]);
  });

  test("names tokens and properties that are ours alone", () => {
    const schema = ours();
    Object.assign(schema.resources, { "talos:machine/upgrade:Upgrade": { inputProperties: {} } });
    expect(compareSchemas(schema, official)).toEqual([
      'resources.talos:machine/upgrade:Upgrade: ours {"inputProperties":{}}, official nothing',
    ]);
  });
});
