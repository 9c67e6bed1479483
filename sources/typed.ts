import { clusterSchema } from "../cluster/schema.ts";

/** The value of a configuration key, of the text that Pulumi hands over. It stays a text where the key is to be one. */
export function typed(key: string, text: string): unknown {
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
