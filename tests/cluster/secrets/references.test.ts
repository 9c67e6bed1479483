import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fill, referencesIn, strayReferences, unresolvedReferences } from "../../../cluster/secrets/references.ts";

const patch = `# op://in/a/comment is nobody's
machine:
  registries:
    config:
      "registry.example.org":
        auth: { username: op://home/registry/username, password: "op://home/registry/login/password" } # kept
  network:
    interfaces:
      - interface: wg0
        wireguard:
          privateKey: &key op://home/wire guard/key
---
kind: Other
list: [a, 'op://home/other/list']
block: >-
  op://home/other/block
after: 1
`;

test("references are found in every document, with line and key", () => {
  expect(referencesIn("patches/a.yaml", patch)).toEqual([
    { reference: "op://home/registry/username", path: "patches/a.yaml:6: machine.registries.config.registry.example.org.auth.username" },
    {
      reference: "op://home/registry/login/password",
      path: "patches/a.yaml:6: machine.registries.config.registry.example.org.auth.password",
    },
    { reference: "op://home/wire guard/key", path: "patches/a.yaml:11: machine.network.interfaces[0].wireguard.privateKey" },
    { reference: "op://home/other/list", path: "patches/a.yaml:14: list[1]" },
    { reference: "op://home/other/block", path: "patches/a.yaml:15: block" },
  ]);
});

test("a document that is one reference is found", () => {
  expect(referencesIn("talsecret.yaml", "op://home/talos/bundle\n")).toEqual([
    { reference: "op://home/talos/bundle", path: "talsecret.yaml:1" },
  ]);
});

test("values take their places, whatever is in them, and all else stays as it is", () => {
  const odd = '"quoted" \\ # no comment: "x"\nsecond line\t—';
  const values = new Map([...referencesIn("", patch)].map(({ reference }, index) => [reference, `${index}: ${odd}`]));
  const [first = "", second = ""] = fill(patch, values).split("---\n");
  expect(first).toContain("# op://in/a/comment is nobody's\n");
  expect(first).toContain("# kept\n");
  expect(parse(first)).toMatchObject({
    machine: {
      registries: { config: { "registry.example.org": { auth: { username: `0: ${odd}`, password: `1: ${odd}` } } } },
      network: { interfaces: [{ wireguard: { privateKey: `2: ${odd}` } }] },
    },
  });
  expect(parse(second)).toEqual({ kind: "Other", list: ["a", `3: ${odd}`], block: `4: ${odd}`, after: 1 });
});

test("a value that looks like a number or nothing stays a text", () => {
  const values = new Map([
    ["op://a/b/c", "0123"],
    ["op://a/b/d", "null"],
  ]);
  expect(parse(fill("a: op://a/b/c\nb: op://a/b/d\n", values))).toEqual({ a: "0123", b: "null" });
});

describe("what only looks like a reference", () => {
  test.each([
    ["key: op://vault/item", /^is no reference; expected op:\/\/<vault>/],
    ["key: op:///item/field", /^is no reference/],
    ["key: op://a/b/c/d/e", /^is no reference/],
    ["key: https://user:op://a/b/c@host", /^op:\/\/ stands inside of a longer text/],
    ["key: {{ op://a/b/c }}", /^op:\/\/ stands inside of a longer text/],
  ])("%s", (text, repair) => {
    expect(strayReferences("a.yaml", text)).toEqual([{ path: "a.yaml:1: key", repair: expect.stringMatching(repair) }]);
  });

  test("is not a reference with an attribute or a section", () => {
    expect(strayReferences("a.yaml", "a: op://v/i/f?attribute=totp\nb: op://v/i/s/f\n")).toEqual([]);
  });
});

test("where none is resolved, each mention is told with line and column, a key too", () => {
  const text = `# op://in/a/comment\na:\n  b: [x, op://v/i/f]\n  c: user:op://v/i/f\nd: {{ op://v/i/f }}\ne: |\n  text with op://\n`;
  const repair = "op:// is not resolved here and would be taken as it stands; write it elsewhere";
  expect(unresolvedReferences("values.yaml", text, "write it elsewhere")).toEqual(
    ["3:10: a.b[1]", "4:6: a.c", "5:7: d", "6:4: e"].map((place) => ({ path: `values.yaml:${place}`, repair })),
  );
});
