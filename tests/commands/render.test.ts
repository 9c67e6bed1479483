import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { redacted, withheld } from "../../cluster/redaction.ts";
import { differenceFrom } from "../../commands/render/difference.ts";
import { render, renderNodes, stacksOf } from "../../commands/render/render.ts";
import { declaration, node } from "../components/fixtures.ts";

const root = join(import.meta.dirname, "../..");

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the renderings of every committed stack", () => {
  test("are the same each time, although the secrets are others", async () => {
    expect(await render(root, "phoebe")).toEqual(await render(root, "phoebe"));
  });

  test.each([...stacksOf(root).keys()])("%s: whole, and without a secret", async (stack) => {
    const renderings = await render(root, stack);
    for (const { path, text } of renderings) {
      expect(path).toMatch(new RegExp(`^${stack}/[a-z0-9-]+\\.yaml$`));
      expect(text).not.toBe(withheld);
      const [config] = parseAllDocuments(text).map((document) => document.toJS());
      expect(config).toMatchObject({ machine: { token: redacted, ca: { crt: redacted } }, cluster: { id: redacted, secret: redacted } });
      expect(config.machine.install.image).toMatch(/\/metal-installer/);
    }
  });
});

test("a value of 1Password, which needs credentials, is redacted as it is in the stack's output", async () => {
  const c1 = node("c1", "controlplane", 1);
  const cluster = { ...declaration(), secrets: { source: "generated" as const }, apps: "apps", nodes: [c1] };
  const text =
    "apiVersion: v1alpha1\nkind: WireguardConfig\nname: wg0\nprivateKey: op://vault/wg/key\n---\nmachine: { sysctls: { a: op://vault/a/b, c: d } }\n";
  const written = { cluster, schematics: new Map([["c1", c1.image]]), patches: [{ path: "global/a.yaml", text }] };
  const rendered = (await renderNodes(written)).get("c1") as string;
  expect(rendered).toContain("sysctls:\n    a: <redacted>\n    c: d\n");
  expect(rendered).toContain("name: wg0\nprivateKey: <redacted>\n");
  expect(rendered).not.toContain("op://");
});

test("the difference from a commit is a unified diff of each node's file", async () => {
  const changed = async (folder: string) => {
    for (const { path, text } of await render(root, "phoebe")) {
      mkdirSync(join(folder, "phoebe"));
      writeFileSync(join(folder, path), text.replace("type: controlplane", "type: controlplane # changed"));
    }
  };
  const difference = await differenceFrom(root, "HEAD", ["phoebe"], changed);
  expect(difference).toContain("--- base/phoebe/phoebe-k-ctrl-01.yaml\n+++ head/phoebe/phoebe-k-ctrl-01.yaml\n");
  expect(difference).toContain("\n-  type: controlplane\n+  type: controlplane # changed\n");
});

describe("what a person can mend is told", () => {
  test("a stack that is none", async () => {
    await expect(render(root, "pheobe")).rejects.toThrow(/pheobe: is no stack; there are .*phoebe/);
  });

  test("a commit that is none", async () => {
    await expect(differenceFrom(root, "no-such-commit", [], async () => {})).rejects.toThrow(/git has no commit no-such-commit here/);
  });

  test("talosctl that is missing", async () => {
    vi.stubEnv("PATH", "");
    await expect(render(root, "phoebe")).rejects.toThrow(/talosctl is not in PATH/);
  });

  test("what Talos itself refuses, with the node", async () => {
    const c1 = node("c1", "controlplane", 1);
    const cluster = { ...declaration(), apps: "apps", secrets: { source: "generated" as const }, nodes: [c1] };
    const schematics = new Map([["c1", c1.image]]);
    const patches = [{ path: "global/a.yaml", text: "machine:\n  sysctls: [not, a, mapping]\n" }];
    await expect(renderNodes({ cluster, schematics, patches })).rejects.toThrow(
      /^demo, c1: talosctl gen config: .*line 2: cannot construct/s,
    );
  });
});
