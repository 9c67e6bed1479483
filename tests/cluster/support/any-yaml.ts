import fc from "fast-check";
import { stringify } from "yaml";

/** Pieces of YAML that have a meaning of their own, wherever they land. */
const tokens = [
  ..."&a |*a|<<: |<<: *a|? |: |- |---\n|...\n|%YAML 1.1\n|!!binary |!!set |!!str |!x |[|]|{|}|\"|'|||>|#|\t|\n|\n  |null|~|.inf|0x1F|1e999|2026-01-01|yes|__proto__: |constructor: |toString: |\0|\uFEFF|\u2028|é|😀|$patch: delete\n".split(
    "|",
  ),
];

/** A text with pieces put in or taken out at any place. */
function damaged(text: string): fc.Arbitrary<string> {
  const damage = fc.record({
    at: fc.nat(text.length),
    drop: fc.nat(12),
    put: fc.oneof(fc.constantFrom(...tokens), fc.string({ maxLength: 6 }), fc.constant("")),
  });
  return fc
    .array(damage, { minLength: 1, maxLength: 6 })
    .map((damages) => damages.reduce((result, { at, drop, put }) => result.slice(0, at) + put + result.slice(at + drop), text));
}

/** Well-formed YAML that has some of the right keys with anything below them. */
function misfilled(keys: readonly string[]): fc.Arbitrary<string> {
  const key = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...keys) }, fc.string({ maxLength: 8 }));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4, depthSize: "small" }, tie("leaf"), tie("list"), tie("mapping")),
    leaf: fc.oneof(
      fc.string(),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom(null, "", "v1.13.3", "10.0.0.1", "c1", "v1alpha1", "HostnameConfig", "delete"),
    ),
    list: fc.array(tie("value"), { maxLength: 4 }),
    mapping: fc.dictionary(key, tie("value"), { maxKeys: 5 }),
  }));
  return fc.array(value, { minLength: 1, maxLength: 2 }).map((documents) => documents.map((document) => stringify(document)).join("---\n"));
}

/** Any text that could stand in a file of this kind: right but for a slip, right in form only, or nothing of the sort. */
export function anyYaml(examples: readonly string[], keys: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...examples).chain(damaged) },
    { weight: 3, arbitrary: misfilled(keys) },
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.constantFrom(...tokens, ...keys, " "), { maxLength: 20 }).map((pieces) => pieces.join("")),
  );
}
