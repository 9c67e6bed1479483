import * as pulumi from "@pulumi/pulumi";
import { clusterSchema } from "../cluster/schema.ts";

/**
 * The values of this project's configuration keys, as they were written in the stack file. The one place that reads Pulumi's configuration.
 * Pulumi hands every value over as text: lists, objects, numbers and booleans as JSON. A text stays one where the key is to be a text.
 */
export function readConfiguration(): Record<string, unknown> {
  const prefix = `${pulumi.getProject()}:`;
  const config = new pulumi.Config();
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(prefix));
  return Object.fromEntries(keys.map((key) => key.slice(prefix.length)).map((key) => [key, typed(key, config.require(key))]));
}

function typed(key: string, text: string): unknown {
  const value = json(text);
  const schema = clusterSchema.shape[key as keyof typeof clusterSchema.shape] as
    | { safeParse(input: unknown): { success: boolean } }
    | undefined;
  const isText = typeof value === "object" ? false : !schema?.safeParse(value).success;
  return isText ? text : value;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
