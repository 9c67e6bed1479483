import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { App } from "../../cluster/apps.ts";
import { readManifests } from "../../sources/manifests.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "phoebe-manifests-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const flux = { namespace: "demo", name: "flux", lifecycle: "bootstrap" } as App;

function read(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return readManifests(root, ["apps"], [{ name: "demo", labels: {}, annotations: {} }], [flux]);
}

test("manifests are read document by document, with the line at which each begins", () => {
  const found = read({
    "apps/demo/manifests/b.yml": "kind: B\n",
    "apps/demo/manifests/a.yaml": "# first\nkind: A1\n---\n# nothing\n---\nkind: A2\n",
    "apps/demo/manifests/README.md": "[",
    "apps/demo/flux/after/source.yaml": "kind: Source\n",
  });
  expect(found).toEqual([
    {
      namespace: "demo",
      objects: [
        { where: "apps/demo/manifests/a.yaml:2:1", content: { kind: "A1" } },
        { where: "apps/demo/manifests/a.yaml:6:1", content: { kind: "A2" } },
        { where: "apps/demo/manifests/b.yml:1:1", content: { kind: "B" } },
      ],
    },
    {
      namespace: "demo",
      release: { name: "flux", lifecycle: "bootstrap" },
      objects: [{ where: "apps/demo/flux/after/source.yaml:1:1", content: { kind: "Source" } }],
    },
  ]);
});

test("a file that is commented out declares nothing", () => {
  expect(read({ "apps/demo/flux/after/source.yaml": "# kind: Source\n" })).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ["what is not YAML", "kind: A\nmetadata: [", /a\.yaml:2:12: is not valid YAML/],
  ["a key twice", "kind: A\nkind: B\n", /a\.yaml:2:1: is not valid YAML: Map keys must be unique/],
  ["an alias of nothing", "kind: *nothing\n", /a\.yaml: cannot be read: Unresolved alias/],
])("%s is refused with file, line and column", (_, text, expected) => {
  expect(() => read({ "apps/demo/manifests/a.yaml": text })).toThrow(expected);
});

test("a folder among manifests, and all files that are wrong, are told at once", () => {
  const files = { "apps/demo/manifests/deep/a.yaml": "", "apps/demo/manifests/b.yaml": "[", "apps/demo/flux/after/c.yaml": "{" };
  expect(() => read(files)).toThrow(/apps: 3 problems\n.*deep: is a folder; .*\n.*b\.yaml:1:2.*\n.*c\.yaml:1:2/);
});
