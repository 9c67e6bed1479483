import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { DeclarationError } from "../../cluster/problems.ts";
import { parseSchematic } from "../../cluster/schematic.ts";

const id = (text: string) => parseSchematic("schematic.yaml", text).id;
const official = (names: string) => `customization: { systemExtensions: { officialExtensions: [${names}] } }`;
const nothing = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba";

describe("the ID is the one that Image Factory gives", () => {
  test.each([
    ["", nothing],
    ["{}", nothing],
    ["customization: {}", nothing],
    ["customization:\n  # extraKernelArgs: []\noverlay:\n", nothing],
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
    // An answer of the factory's code: the network in META, as machines without DHCP need it.
    [
      'customization: { meta: [{ key: 10, value: "addresses:\\n  - address: 192.168.1.101/24\\nlinks: []\\n" }] }',
      "5cafb467d3f2600383259c828bea9d556041ad39b5a4caff106e9bd19ed423bd",
    ],
    ["customization: { diskImage: { sectorSize: 4096 } }", "92833e9ddd9bb9e11b2464fa5525429f01866306d52ebd882ee08d7918f6d1ea"],
  ])("%s", (text, expected) => {
    expect(id(text)).toBe(expected);
  });
});

describe("the ID", () => {
  const words = fc.array(fc.stringMatching(/^[a-z][a-z0-9_=/.-]{0,20}$/), { minLength: 1, maxLength: 4 });
  const extensions = fc.uniqueArray(fc.stringMatching(/^siderolabs\/[a-z0-9-]{1,20}$/), { maxLength: 4 });

  test("does not depend on the order of keys, comments or style", () => {
    fc.assert(
      fc.property(words, extensions, (extraKernelArgs, officialExtensions) => {
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

describe("what has lines, or options, is written as the factory writes it", () => {
  const text = (input: object) => parseSchematic("schematic.yaml", JSON.stringify(input)).text;

  test.each([
    ["a: b\nc: d\n", "|\n            a: b\n            c: d"],
    ["one\ntwo", "|-\n            one\n            two"],
    ["one\n\ntwo\n\n", "|+\n            one\n\n            two\n"],
    ["one \ntwo", '"one \\ntwo"'],
    ["one\r\ntwo", '"one\\r\\ntwo"'],
    ["\u{1f600}", '"\\U0001F600"'],
  ])("%j", (value, written) => {
    expect(text({ customization: { meta: [{ key: 10, value }] } })).toBe(
      `customization:\n    meta:\n        - key: 10\n          value: ${written}\n`,
    );
  });

  test("an overlay's options, in natural order", () => {
    const options = { b10: 1.5e-7, b9: [1, "yes", {}], a_b: { x: null }, aB: "dtparam=on\ndtoverlay=x\n" };
    expect(text({ overlay: { image: "i", name: "n", options }, customization: {} })).toBe(
      [
        "overlay:",
        "    image: i",
        '    name: "n"',
        "    options:",
        "        a_b:",
        "            x: null",
        "        aB: |",
        "            dtparam=on",
        "            dtoverlay=x",
        "        b9:",
        "            - 1",
        '            - "yes"',
        "            - {}",
        "        b10: 1.5e-07",
        "customization: {}",
        "",
      ].join("\n"),
    );
  });
});

describe("what cannot be a schematic is told, each thing where it is", () => {
  test.each<[string, string, RegExp]>([
    ["text that is not YAML", "customization:\n  extraKernelArgs: [\n", /schematic\.yaml:\d+:\d+: is not valid YAML/],
    ["two documents", "customization: {}\n---\ncustomization: {}\n", /schematic\.yaml:2:1: a second document begins here/],
    ["a list", "- customization", /expected object, received array/],
    ["options that hold themselves", "overlay: { image: a, name: b, options: &o { self: *o } }", /options: .*: holds itself by an alias/],
    ["a customization that holds itself", "customization: &c { meta: *c }", /customization\.meta: .*: expected array/],
    [
      "an extension without its owner",
      official("amd-ucode"),
      /officialExtensions\[0\]: "amd-ucode": .*did you mean siderolabs\/amd-ucode\?/,
    ],
    ["an extension that is there twice", official("a/b, c/d, a/b"), /officialExtensions\[2\]: "a\/b": is there twice/],
    ["a kernel argument that is a number", "customization: { extraKernelArgs: [5] }", /extraKernelArgs\[0\]: 5: expected a text; quote/],
    ["an empty kernel argument", "customization: { extraKernelArgs: [''] }", /extraKernelArgs\[0\]: "": is empty; remove it/],
    ["what Talos refuses to start without", "customization: { extraKernelArgs: [-pti] }", /"-pti": is what Talos refuses to start without/],
    ["keys enrolled in a way there is not", "customization: { secureboot: { enrollKeys: yes } }", /enrollKeys: .*"if-safe"/],
    [
      "a machine config",
      "customization: { embeddedMachineConfiguration: 'machine: {}' }",
      /configures its machines itself; make it a patch/,
    ],
    ["disks of odd sectors", "customization: { diskImage: { sectorSize: 1000 } }", /sectorSize: 1000: expected 512 or 4096/],
    ["an overlay without its image", "overlay: { name: rpi_generic }", /overlay\.image: is missing/],
    ["a key that only the enterprise edition has", "owner: someone", /owner: is not a known key; known are overlay, customization/],
  ])("%s", (_, text, expected) => {
    expect(() => id(text)).toThrow(expected);
  });
});

test("whatever the text, the answer is a schematic or an error for a person", () => {
  const words = fc.constantFrom(
    "customization",
    "overlay",
    "options",
    "extraKernelArgs",
    "image",
    "name",
    "meta",
    "a/b",
    "&a",
    "*a",
    "yes",
    "~",
  );
  const trees = fc.anything({
    key: words,
    withNullPrototype: false,
    values: [words, fc.string(), fc.double(), fc.boolean(), fc.constant(null)],
  });
  const texts = fc.oneof(
    trees.map((tree) => JSON.stringify(tree) ?? ""),
    fc
      .array(fc.oneof(words, fc.constantFrom(": ", "\n", "\n  ", "- ", "[", "{", "}", "'", '"', "|", "---"), fc.string()))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(id(text)).toMatch(/^[0-9a-f]{64}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(DeclarationError);
      }
    }),
    { numRuns: 1000 },
  );
});
