import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { installationMedium, installerImage, parseSchematic } from "../../cluster/schematic.ts";

const id = (text: string) => parseSchematic("schematic.yaml", text).id;
const nothing = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba";

describe("the ID is the one that Image Factory gives", () => {
  test.each([
    ["", nothing],
    ["{}", nothing],
    ["customization: {}", nothing],
    ["customization: { extraKernelArgs: [], systemExtensions: { officialExtensions: [] } }", nothing],
    ["customization: { extraKernelArgs: [noapic, nolapic] }", "9cba8e32753f91a16c1837ab8abf356af021706ef284aef07380780177d9a06c"],
    ["customization: { meta: [{ value: foo, key: 0xa }] }", "d308a2a5ee2277bed5fbaa104fcbc8d59122abfa737df987a95b4ca763459a7f"],
    [
      "overlay: { name: rpi_generic, image: siderolabs/sbc-raspberrypi }",
      "ee21ef4a5ef808a9b7484cc0dda0f25075021691c8c09a276591eedb638ea1f9",
    ],
    [
      "customization: { secureboot: { includeWellKnownCertificates: true } }",
      "fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6",
    ],
  ])("%s", (text, expected) => {
    expect(id(text)).toBe(expected);
  });
});

describe("the ID", () => {
  const words = fc.array(fc.stringMatching(/^[a-z][a-z0-9_=/.-]{0,20}$/), { minLength: 1, maxLength: 4 });

  test("does not depend on the order of keys, comments or style", () => {
    fc.assert(
      fc.property(words, words, (extraKernelArgs, officialExtensions) => {
        const one = { customization: { extraKernelArgs, systemExtensions: { officialExtensions } } };
        const other = { customization: { systemExtensions: { officialExtensions }, extraKernelArgs } };
        expect(id(`# a comment\n${stringify(one, { indent: 2 })}`)).toBe(id(JSON.stringify(other)));
      }),
    );
  });

  test("depends on the order of arguments", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 2, maxLength: 4 }), (extraKernelArgs) => {
        const of = (values: string[]) => id(JSON.stringify({ customization: { extraKernelArgs: values } }));
        expect(of(extraKernelArgs)).not.toBe(of([...extraKernelArgs].reverse()));
      }),
    );
  });

  test("of the canonical text is the same again", () => {
    fc.assert(
      fc.property(words, (extraKernelArgs) => {
        const first = parseSchematic("schematic.yaml", JSON.stringify({ customization: { extraKernelArgs } }));
        expect(parseSchematic("schematic.yaml", first.text)).toEqual(first);
      }),
    );
  });
});

describe("a kernel argument is quoted as the factory quotes it", () => {
  test.each([
    ["iommu=pt", "iommu=pt"],
    ["console=ttyS0,115200n8", "console=ttyS0,115200n8"],
    ["on", '"on"'],
    ["1_000", '"1_000"'],
    ["12:30", '"12:30"'],
    ["2020-01-01", '"2020-01-01"'],
    ["0b11", '"0b11"'],
    ["a: b", "'a: b'"],
    ["'x", "'''x'"],
    ["---", "'---'"],
    ["a\tb", '"a\\tb"'],
    ["é", "é"],
  ])("%s", (argument, written) => {
    const { text } = parseSchematic("schematic.yaml", JSON.stringify({ customization: { extraKernelArgs: [argument] } }));
    expect(text).toBe(`customization:\n    extraKernelArgs:\n        - ${written}\n`);
  });
});

test("an unknown key is refused: the factory would refuse it too", () => {
  expect(() => id("customization: { extraKernelArg: [x] }")).toThrow(
    "customization.extraKernelArg: is not a known key; did you mean extraKernelArgs?",
  );
});

describe("images", () => {
  const cluster = { imageFactoryUrl: "https://factory.talos.dev", talosVersion: "v1.13.3", secureBoot: false } as Parameters<
    typeof installerImage
  >[0];
  const schematic = { id: nothing, text: "" };
  const node = { arch: "arm64" } as Parameters<typeof installationMedium>[2];

  test("the installer's", () => {
    expect(installerImage(cluster, schematic)).toBe(`factory.talos.dev/metal-installer/${nothing}:v1.13.3`);
    expect(installerImage({ ...cluster, secureBoot: true }, schematic)).toBe(
      `factory.talos.dev/metal-installer-secureboot/${nothing}:v1.13.3`,
    );
  });

  test("the one that a machine boots first", () => {
    expect(installationMedium(cluster, schematic, node)).toBe(`https://factory.talos.dev/image/${nothing}/v1.13.3/metal-arm64.iso`);
    expect(installationMedium({ ...cluster, secureBoot: true }, schematic, node)).toMatch(/metal-arm64-secureboot\.iso$/);
  });
});
