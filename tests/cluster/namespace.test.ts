import { expect, test } from "vitest";
import { parseNamespace } from "../../cluster/namespace.ts";

const parse = (input: unknown) => parseNamespace("apps/demo/namespace.yaml", "demo", input);

test.each<[string, unknown]>([
  [
    "a whole one",
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "demo", labels: { level: "high" }, annotations: { by: "me" } } },
  ],
  ["one of labels and annotations alone", { metadata: { labels: { level: "high" }, annotations: { by: "me" } } }],
])("%s adds to what the directory says", (_, input) => {
  expect(parse(input)).toEqual({ name: "demo", labels: { level: "high" }, annotations: { by: "me" } });
});

test.each<[string, unknown]>([
  ["nothing at all", {}],
  ["metadata without a value", { metadata: null }],
  ["labels without a value, as where all are commented out", { metadata: { labels: null } }],
])("%s adds nothing", (_, input) => {
  expect(parse(input)).toEqual({ name: "demo", labels: {}, annotations: {} });
});

test.each<[string, unknown, string]>([
  ["another name", { metadata: { name: "dmeo" } }, `metadata.name: "dmeo": differs from the directory's name, demo`],
  ["another kind", { kind: "ConfigMap" }, 'kind: "ConfigMap": expected Namespace'],
  ["another version", { apiVersion: "v2" }, 'apiVersion: "v2": expected v1'],
  ["a label that is no text", { metadata: { labels: { a: 1 } } }, "metadata.labels.a: 1: expected a text; put it in quotes"],
  ["a slip of a key", { metadata: { lables: {} } }, "metadata.lables: is not a known key; did you mean labels?"],
  ["more than labels and annotations", { spec: {} }, "spec: is not a known key; known are apiVersion, kind, metadata"],
  ["labels that are a list", { metadata: { labels: [] } }, "metadata.labels: []: expected a mapping"],
  ["a list", [], "the file: []: expected a mapping"],
])("%s is refused", (_, input, problem) => {
  expect(() => parse(input)).toThrow(`apps/demo/namespace.yaml: one problem\n  ${problem}`);
});
