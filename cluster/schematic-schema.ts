import { z } from "zod";

const kernelArgument = z
  .string({ error: "expected a text; quote what looks like a number or a word such as yes" })
  .min(1, { error: "is empty; remove it" })
  .refine((argument) => !/^-(pti|slab_nomerge)(=|$)/.test(argument), { error: "is what Talos refuses to start without; remove it" });

/** Image Factory knows extensions by their whole names alone, and an image cannot hold one twice. */
const officialExtensions = z
  .array(
    z.string().refine((name) => /^[^/\s]+\/[^/\s]+$/.test(name), {
      error: ({ input }) => `expected the extension's whole name; did you mean siderolabs/${String(input).split("/").at(-1)}?`,
    }),
  )
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) < index) context.addIssue({ code: "custom", path: [index], message: "is there twice; remove one" });
    }
  });

const overlay = z.strictObject({
  image: z.string().min(1, { error: "expected an overlay's image, for example siderolabs/sbc-raspberrypi" }),
  name: z.string().min(1, { error: "expected an overlay's name, for example rpi_generic" }),
  options: z.record(z.string(), z.unknown()).refine(isTree, { error: "holds itself by an alias; write the values out" }).optional(),
});

function isTree(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

const customization = z.strictObject({
  // Out of sight of the stack, and public to all who know the ID.
  embeddedMachineConfiguration: z
    .never({ error: "has no place in an image of this stack, which configures its machines itself; make it a patch" })
    .optional(),
  extraKernelArgs: z.array(kernelArgument).optional(),
  meta: z.array(z.strictObject({ key: z.int().min(0).max(255), value: z.string() })).optional(),
  systemExtensions: z.strictObject({ officialExtensions: officialExtensions.optional() }).optional(),
  bootloader: z.enum(["auto", "dual-boot", "grub", "sd-boot"]).optional(),
  secureboot: z
    .strictObject({
      enrollKeys: z.enum(["off", "manual", "if-safe", "force"]).optional(),
      includeWellKnownCertificates: z.boolean().optional(),
    })
    .optional(),
  diskImage: z.strictObject({ sectorSize: z.literal([512, 4096], { error: "expected 512 or 4096" }).optional() }).optional(),
});

/** What Image Factory builds images from. */
export const schematicSchema = z.strictObject({ overlay: overlay.optional(), customization: customization.default({}) });

export type SchematicInput = z.output<typeof schematicSchema>;
