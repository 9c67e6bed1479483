import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CustomResourceDefinition } from "../../cluster/kubernetes-object.ts";
import { declareManifests, type ManifestFolder } from "../../cluster/manifests.ts";
import { DeclarationError } from "../../cluster/problems.ts";

const folder = (...contents: unknown[]): ManifestFolder => ({
  namespace: "demo",
  objects: contents.map((content, index) => ({ where: `apps/demo/manifests/a.yaml:${index + 1}`, content })),
});
const object = (kind: string, apiVersion = "v1", metadata: Record<string, unknown> = { name: "one" }) => ({ apiVersion, kind, metadata });
const definition = (kind: string, scope: string): CustomResourceDefinition => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${kind.toLowerCase()}s.example.org` },
  spec: { group: "example.org", scope, names: { kind } },
});

describe("the namespace of an object", () => {
  test.each<[string, unknown, string | undefined]>([
    ["its folder's", object("ConfigMap"), "demo"],
    ["its folder's where it says so itself", object("ConfigMap", "v1", { name: "one", namespace: "demo" }), "demo"],
    ["none for a kind of the cluster", object("ClusterRole", "rbac.authorization.k8s.io/v1"), undefined],
    ["its folder's by a chart's definition", object("Tool", "example.org/v1"), "demo"],
    ["none by a chart's definition", object("Pool", "example.org/v1"), undefined],
    ["as written where nothing is known", object("Thing", "other.org/v1"), undefined],
  ])("is %s", (_, content, expected) => {
    const definitions = [definition("Tool", "Namespaced"), definition("Pool", "Cluster")];
    const [declared] = declareManifests([folder(content)], definitions);
    expect(declared?.objects[0]?.metadata.namespace).toBe(expected);
  });

  test("is known by a definition among the manifests, too", () => {
    const [declared] = declareManifests([folder(object("Tool", "example.org/v1"), definition("Tool", "Namespaced"))], []);
    expect(declared?.objects[0]?.metadata.namespace).toBe("demo");
  });
});

test.each<[string, unknown[], RegExp]>([
  ["text", ["hello"], /a\.yaml:1: is not a Kubernetes object/],
  ["a version that is none", [object("ConfigMap", "apps/1")], /a\.yaml:1: apiVersion: "apps\/1": expected a version such as v1/],
  ["a kind that is none", [object("configmap")], /a\.yaml:1: kind: "configmap": expected a kind such as ConfigMap/],
  ["a list", [object("List")], /a\.yaml:1: kind: "List": write its items as documents/],
  ["a namespace", [object("Namespace")], /a\.yaml:1: kind: "Namespace": a namespace is a directory under apps/],
  ["no name", [object("ConfigMap", "v1", { generateName: "one-" })], /a\.yaml:1: metadata\.name: is missing/],
  [
    "another namespace",
    [object("ConfigMap", "v1", { name: "one", namespace: "other" })],
    /a\.yaml:1: metadata\.namespace: "other": differs from its folder's, demo/,
  ],
  [
    "a namespace where there is none",
    [object("StorageClass", "storage.k8s.io/v1", { name: "one", namespace: "demo" })],
    /a\.yaml:1: metadata\.namespace: "demo": a StorageClass lives in no namespace/,
  ],
  ["an object twice", [object("ConfigMap"), object("ConfigMap")], /a\.yaml:2: ConfigMap demo\/one is declared before, by .*a\.yaml:1/],
  [
    "an object twice, by two versions of its group",
    [object("Tool", "example.org/v1"), object("Tool", "example.org/v2")],
    /a\.yaml:2: Tool one is declared before/,
  ],
  [
    "a reference outside of a Secret",
    [{ ...object("ConfigMap"), data: { key: "op://vault/item/field" } }],
    /a\.yaml:1: data\.key: op:\/\/ may be a whole value in stringData of a Secret/,
  ],
  [
    "a reference in the encoded data of a Secret",
    [{ ...object("Secret"), data: { key: "op://vault/item/field" } }],
    /a\.yaml:1: data\.key: op:\/\/ may be a whole value/,
  ],
  [
    "a reference inside of a text",
    [{ ...object("Secret"), stringData: { key: "key=op://vault/item/field" } }],
    /a\.yaml:1: stringData\.key: op:\/\/ may be a whole value/,
  ],
  [
    "a reference in double braces, which YAML reads as a key",
    [{ ...object("Secret"), stringData: { key: { "{ op://vault/item/field }": null } } }],
    /a\.yaml:1: stringData\.key: op:\/\/ may be a whole value/,
  ],
  [
    "a reference without a field",
    [{ ...object("Secret"), stringData: { key: "op://vault/item" } }],
    /a\.yaml:1: stringData\.key: is no reference; expected op:/,
  ],
])("%s is refused", (_, contents, expected) => {
  expect(() => declareManifests([folder(...contents)], [])).toThrow(expected);
});

test("objects of the same name in two folders are one only if nothing says that their kind lives in a namespace", () => {
  const folders = [folder(object("Tool", "example.org/v1")), { ...folder(object("Tool", "example.org/v1")), namespace: "other" }];
  expect(() => declareManifests(folders)).not.toThrow();
  expect(() => declareManifests(folders, [definition("Tool", "Namespaced")])).not.toThrow();
  expect(() => declareManifests(folders, [])).toThrow(/Tool one is declared before/);
});

test("a definition that a chart brings is not declared again", () => {
  const twice = definition("Tool", "Namespaced");
  expect(() => declareManifests([folder(twice)], [twice])).toThrow(/is declared before, by the chart of a release with crds: true/);
});

test("everything that is wrong is told at once", () => {
  expect(() => declareManifests([folder(object("List")), folder("x")], [])).toThrow(/apps: 2 problems/);
});

test("anything thrown at it is declared or refused clearly", () => {
  const mapping = fc.record(
    { apiVersion: fc.anything(), kind: fc.oneof(fc.anything(), fc.constant("ConfigMap")), metadata: fc.oneof(fc.anything(), fc.object()) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.anything(), mapping)), (contents) => {
      try {
        declareManifests([folder(...contents)], []);
      } catch (error) {
        expect(error).toBeInstanceOf(DeclarationError);
      }
    }),
    { numRuns: 500 },
  );
});
