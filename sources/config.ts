import * as pulumi from "@pulumi/pulumi";
import { typed } from "./typed.ts";

/**
 * The values of this project's configuration keys, as they were written in the stack file. The one place that reads Pulumi's configuration.
 * Pulumi hands every value over as text: lists, objects, numbers and booleans as JSON.
 */
export function readConfiguration(): Record<string, unknown> {
  const prefix = `${pulumi.getProject()}:`;
  const config = new pulumi.Config();
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(prefix));
  return Object.fromEntries(keys.map((key) => key.slice(prefix.length)).map((key) => [key, typed(key, config.require(key))]));
}
