import { createHash } from "node:crypto";
import { Document, Scalar, stringify, visit } from "yaml";
import { z } from "zod";
import { DeclarationError, problemsOf } from "./problems.ts";
import type { Cluster, Node } from "./schema.ts";
import { parseYaml } from "./yaml.ts";

/** What Image Factory builds images from. Key order is the order in which the factory writes it, and so part of the ID. */
const schematicSchema = z.strictObject({
  overlay: z.strictObject({ image: z.string(), name: z.string(), options: z.record(z.string(), z.unknown()).optional() }).optional(),
  customization: z
    .strictObject({
      extraKernelArgs: z.array(z.string()).optional(),
      meta: z.array(z.strictObject({ key: z.int().min(0).max(255), value: z.string() })).optional(),
      systemExtensions: z.strictObject({ officialExtensions: z.array(z.string()).optional() }).optional(),
      bootloader: z.enum(["auto", "dual-boot", "grub", "sd-boot"]).optional(),
      secureboot: z.strictObject({ enrollKeys: z.string().optional(), includeWellKnownCertificates: z.boolean().optional() }).optional(),
    })
    .default({}),
});

/** A schematic with the ID under which the factory keeps it. */
export interface Schematic {
  id: string;
  /** The canonical text: what is submitted. */
  text: string;
}

/** Reads a schematic's YAML and computes its ID offline; `file` names it in errors. */
export function parseSchematic(file: string, text: string): Schematic {
  const input: unknown = parseYaml(file, text) ?? {};
  const parsed = schematicSchema.safeParse(input);
  if (!parsed.success) throw new DeclarationError(file, problemsOf(parsed.error, input, knownKeys));
  const canonical = canonicalText(parsed.data);
  return { id: createHash("sha256").update(canonical).digest("hex"), text: canonical };
}

/** The installer image of a schematic, as a node pulls it. */
export function installerImage({ imageFactoryUrl, talosVersion, secureBoot }: Cluster, { id }: Schematic): string {
  return `${new URL(imageFactoryUrl).host}/metal-installer${secureBoot ? "-secureboot" : ""}/${id}:${talosVersion}`;
}

/** The ISO that a machine boots before it is configured. */
export function installationMedium({ imageFactoryUrl, talosVersion, secureBoot }: Cluster, { id }: Schematic, { arch }: Node): string {
  return `${imageFactoryUrl}/image/${id}/${talosVersion}/metal-${arch}${secureBoot ? "-secureboot" : ""}.iso`;
}

/** The factory's own text: fixed key order, four spaces, nothing that is empty except the customization itself. */
function canonicalText({ overlay, customization }: z.output<typeof schematicSchema>): string {
  const { extraKernelArgs, meta, systemExtensions, bootloader, secureboot } = customization;
  const tree = {
    ...(overlay && !isEmpty(overlay)
      ? { overlay: { image: overlay.image, name: overlay.name, ...filled({ options: sortKeys(overlay.options) }) } }
      : {}),
    customization: filled({
      extraKernelArgs,
      meta: meta?.map(({ key, value }) => ({ key, value })),
      systemExtensions: filled({ officialExtensions: systemExtensions?.officialExtensions }),
      bootloader: bootloader === "auto" ? undefined : bootloader,
      secureboot: filled({
        enrollKeys: secureboot?.enrollKeys || undefined,
        includeWellKnownCertificates: secureboot?.includeWellKnownCertificates || undefined,
      }),
    }),
  };
  const document = new Document(tree);
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string") scalar.type = styleOf(scalar.value);
    },
  });
  return document.toString({ indent: 4, lineWidth: 0, singleQuote: true });
}

/** Words and numbers of YAML 1.1 that would not be read back as text: the factory's encoder puts them in double quotes, and all else in single ones. */
const readAsSomethingElse = new RegExp(
  [
    "y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|~|null|Null|NULL",
    "[-+]?(\\.inf|\\.Inf|\\.INF)|\\.nan|\\.NaN|\\.NAN",
    "[-+]?(\\.[0-9][0-9_]*|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?",
    "[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?[0-9][0-9_]*",
    "[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?",
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?",
  ]
    .map((form) => `^(${form})$`)
    .join("|"),
);

function styleOf(text: string): Scalar.Type {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (text === "" || readAsSomethingElse.test(text) || /[\x00-\x1f\x7f]/.test(text)) return Scalar.QUOTE_DOUBLE;
  const isPlain = !/^(---|\.\.\.)/.test(text) && stringify(text, { lineWidth: 0 }) === `${text}\n`;
  return isPlain ? Scalar.PLAIN : Scalar.QUOTE_SINGLE;
}

/** The object without its empty members. */
function filled(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sortKeys(member)]),
  );
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return ["customization", "overlay"];
  if (path[0] === "overlay") return ["image", "name", "options"];
  const known: Record<string, readonly string[]> = {
    systemExtensions: ["officialExtensions"],
    secureboot: ["enrollKeys", "includeWellKnownCertificates"],
    meta: ["key", "value"],
  };
  return known[String(path[1])] ?? ["extraKernelArgs", "meta", "systemExtensions", "bootloader", "secureboot"];
}
