import { createHash } from "node:crypto";
import { DeclarationError, problemsOf } from "./problems.ts";
import { inFactoryOrder } from "./schematic-order.ts";
import { type SchematicInput, schematicSchema } from "./schematic-schema.ts";
import { factoryText } from "./schematic-text.ts";
import { parseYaml } from "./yaml.ts";

/** A schematic with the ID under which the factory keeps it. */
export interface Schematic {
  id: string;
  /** The canonical text: what is submitted. */
  text: string;
  /** Where it was read, for messages. */
  file: string;
  kernelArguments: readonly string[];
  extensions: readonly string[];
  /** For boards that need more than an image: where it is and what it is called. */
  overlay?: { image: string; name: string };
}

/** Reads a schematic's YAML and computes its ID offline; `file` names it in errors. */
export function parseSchematic(file: string, text: string): Schematic {
  const input = withoutNulls(parseYaml(file, text) ?? {});
  const parsed = schematicSchema.safeParse(input);
  if (!parsed.success) throw new DeclarationError(file, problemsOf(parsed.error, input, schematicSchema));
  const canonical = factoryText(canonicalTree(parsed.data));
  const { overlay } = parsed.data;
  const { extraKernelArgs = [], systemExtensions } = parsed.data.customization;
  return {
    id: createHash("sha256").update(canonical).digest("hex"),
    text: canonical,
    file,
    kernelArguments: extraKernelArgs,
    extensions: systemExtensions?.officialExtensions ?? [],
    ...(overlay ? { overlay: { image: overlay.image, name: overlay.name } } : {}),
  };
}

/**
 * A key without a value, as where all below it is commented out, counts as left out. What an overlay makes of its options is its own business.
 * By an alias a value can hold itself: no schematic is deeper than this, and the schema says what is wrong with one.
 */
function withoutNulls(value: unknown, depth = 5): unknown {
  if (typeof value !== "object" || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((member) => withoutNulls(member, depth - 1));
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, key === "options" ? member : withoutNulls(member, depth - 1)]));
}

/** What the factory keeps of a schematic, in its order: nothing that is empty except the customization itself. */
function canonicalTree({ overlay, customization }: SchematicInput): Record<string, unknown> {
  const { extraKernelArgs, meta, systemExtensions, bootloader, secureboot, diskImage } = customization;
  return {
    ...(overlay
      ? {
          overlay: {
            image: overlay.image,
            name: overlay.name,
            ...(isEmpty(overlay.options) ? {} : { options: inFactoryOrder(overlay.options) }),
          },
        }
      : {}),
    customization: filled({
      extraKernelArgs,
      meta: meta?.map(({ key, value }) => ({ key, value })),
      systemExtensions: filled({ officialExtensions: systemExtensions?.officialExtensions }),
      bootloader: bootloader === "auto" ? undefined : bootloader,
      secureboot: filled({
        enrollKeys: secureboot?.enrollKeys,
        includeWellKnownCertificates: secureboot?.includeWellKnownCertificates || undefined,
      }),
      diskImage: filled({ sectorSize: diskImage?.sectorSize || undefined }),
    }),
  };
}

/** The object without its empty members. */
function filled(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}
