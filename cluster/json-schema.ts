import { z } from "zod";
import { releaseSchema } from "./release.ts";
import { clusterSchema } from "./schema.ts";

const draft = { io: "input", target: "draft-7" } as const;

/** The JSON Schema of `Pulumi.<stack>.yaml`, by which editors complete and check it. */
export function stackFileSchema(project: string): object {
  const { properties = {}, required = [] } = z.toJSONSchema(clusterSchema, draft);
  const prefixed = (key: string) => `${project}:${key}`;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `A stack of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(Object.entries(properties).map(([key, schema]) => [prefixed(key), schema])),
        required: required.map(prefixed),
        // Keys of other projects and of providers are Pulumi's affair; an unknown key of this one is an error.
        patternProperties: { [`^(?!${project}:).+:`]: true },
        additionalProperties: false,
      },
    },
  };
}

/** The JSON Schema of `release.yaml`. */
export function releaseFileSchema(): object {
  return { ...z.toJSONSchema(releaseSchema, draft), title: "A Helm release" };
}
