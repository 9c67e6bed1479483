import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DeclarationError } from "../../cluster/problems.ts";
import { readApps } from "../../sources/apps.ts";
import { anyYaml } from "../cluster/support/any-yaml.ts";

const release = "chart: demo\nversion: 1.2.3\nrepository: https://charts.example.org\nlifecycle: managed\ncni: true\n";
const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: demo\n  labels: { a: b }\ndata:\n  key: value\n";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "phoebe-any-app-"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** Each file of an app in turn holds anything, beside others that are right. */
test.each([
  ["demo/namespace.yaml", "metadata:\n  name: demo\n  labels:\n    pod-security.kubernetes.io/enforce: privileged\n"],
  ["demo/app/values.yaml", "replicas: 2\nimage: { tag: v1 }\n"],
  ["demo/app/release.yaml", release],
  ["demo/manifests/demo.yaml", manifest],
  ["demo/app/after/demo.yaml", manifest],
])("any text in %s is read or refused in plain words", (file, example) => {
  const keys = ["apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec", "chart", "version", "after", "cni"];
  const property = fc.property(anyYaml([example], keys), (text) => {
    for (const [path, content] of Object.entries({ "demo/app/release.yaml": release, [file]: text })) {
      mkdirSync(dirname(join(root, file, "apps", path)), { recursive: true });
      writeFileSync(join(root, file, "apps", path), content);
    }
    try {
      readApps(join(root, file), "apps");
    } catch (error) {
      if (!(error instanceof DeclarationError)) throw error;
      expect(error.message).not.toMatch(/undefined|\[object|TypeError|RangeError|\bat .*\.ts:/);
    }
  });
  fc.assert(property, { numRuns: 400 });
});
