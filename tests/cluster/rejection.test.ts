import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { sayable } from "../../cluster/rejection.ts";

const config = stringify({
  machine: {
    type: "worker",
    token: "abc.s3cr3t",
    install: { disk: "/dev/sda", image: "ghcr.io/siderolabs/installer:v1.13.3" },
    network: { interfaces: [{ addresses: ["10.0.0.300"] }] },
    files: [{ content: "one s3cr3t\ntwo s3cr3t lines\n", path: "/etc/x" }],
  },
  cluster: { secrt: "s3cr3t" },
});

test("Talos's words are said with the names and values that are no secret", () => {
  expect(sayable('path "/etc/x" is not allowed for `files`, image ghcr.io/siderolabs/installer:v1.13.3, 10.0.0.300', config)).toBe(
    'path "/etc/x" is not allowed for `files`, image ghcr.io/siderolabs/installer:v1.13.3, 10.0.0.300',
  );
});

test("Talos's own words in a config are no secret", () => {
  const words = "error decoding document /v1alpha1/ (line 1): error decoding to *v1alpha1.Config";
  expect(sayable(words, `version: v1alpha1\n${config}`)).toBe(words);
});

test("and without what they quote of all the rest", () => {
  expect(sayable('invalid token "abc.s3cr3t": abc.s3cr3t', config)).toBe('invalid token "<redacted>": <redacted>');
  expect(sayable("cannot unmarshal !!str `abc.s3c...` into int", config)).toBe("cannot unmarshal !!str `<redacted>` into int");
  expect(sayable("bad file one s3cr3t two s3cr3t lines", config)).toBe("bad file <redacted>");
});

test("keys that Talos does not know are named, what stands under them is not", () => {
  expect(sayable("unknown keys found during decoding:\ncluster:\n    secrt: s3cr3t\n", config)).toBe(
    "unknown keys found during decoding, among: cluster, secrt",
  );
});

test("no value of a config gets through, however Talos puts it", () => {
  const secret = fc.stringMatching(/^[a-zA-Z0-9+/=._ -]{0,20}s3cr3t[a-zA-Z0-9+/=._\n -]{0,60}$/);
  const put = fc.constantFrom<(value: string) => string>(
    (value) => `invalid value ${value}`,
    (value) => `invalid value ${JSON.stringify(value)}`,
    (value) => `cannot unmarshal !!str \`${value.slice(0, 30)}...\` into bool`,
    (value) => `unknown keys found during decoding:\n${stringify({ machine: { key: { deep: value } } })}`,
  );
  fc.assert(
    fc.property(secret, put, (value, say) => {
      expect(sayable(say(value), stringify({ machine: { key: { deep: value } } }))).not.toContain("s3cr3t");
    }),
    { numRuns: 500 },
  );
});
