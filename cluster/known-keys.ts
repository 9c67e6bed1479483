import { z } from "zod";

/** The keys that a schema knows at a path; where one of several forms may stand, those of all. A key that may not be written is none. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const objects = path.reduce<z.ZodType[]>((schemas, step) => schemas.flatMap(formsOf).flatMap((form) => memberOf(form, step)), [schema]);
  const keys = objects.flatMap(formsOf).flatMap((form) => (form instanceof z.ZodObject ? keysOf(form) : []));
  return [...new Set(keys)];
}

/** What a value may look like: the schema without what makes it optional, or each of its alternatives. */
function formsOf(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return formsOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(formsOf);
  return [schema];
}

function memberOf(schema: z.ZodType, step: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  const member = schema instanceof z.ZodObject ? (schema.shape as Record<PropertyKey, z.ZodType>)[step] : undefined;
  return member ? [member] : [];
}

function keysOf({ shape }: z.ZodObject): string[] {
  return Object.entries(shape).flatMap(([key, schema]) =>
    formsOf(schema as z.ZodType).some((form) => form instanceof z.ZodNever) ? [] : [key],
  );
}
