import { beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Bundle } from "../../../cluster/secrets/bundle.ts";
import { parseTemplate } from "../../../cluster/secrets/template.ts";
import { checkSecrets } from "../../../commands/secrets/check.ts";
import type { Answer } from "../../../sources/secrets/store.ts";
import { makeBundle, templateOf } from "../../cluster/secrets/fixtures.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await makeBundle();
});
const cluster = { secrets: { source: "onepassword", template: "talsecret.yaml" }, patches: "patches" } as const;

function check(changes: Record<string, string | undefined> = {}) {
  const { template, values } = templateOf(bundle);
  const all = new Map<string, string | undefined>([...values, ["op://a/b/c", "wire-key"], ...Object.entries(changes)]);
  const patches = [{ path: "global/a.yaml", text: "key: op://a/b/c\n" }];
  const answer = (reference: string): Answer => {
    const value = all.get(reference);
    return value ? { value } : { why: "there is no such item in the vault" };
  };
  const resolveAll = async (references: readonly string[]) => new Map(references.map((one) => [one, answer(one)]));
  return checkSecrets(
    { apps: { manifests: [] }, cluster, template: parseTemplate("talsecret.yaml", stringify(template)), patches },
    { resolveAll },
  );
}

test("a whole bundle is said to be one, reference by reference, and no value is shown", async () => {
  const { lines, whole } = await check();
  expect(whole).toBe(true);
  expect(lines).toHaveLength(16);
  expect(lines).toContain("talsecret.yaml:23: certs.os.key: op://homelab/talos/certs.os.key resolves");
  expect(lines).toContain("patches/global/a.yaml:1: key: op://a/b/c resolves");
  expect(lines.at(-1)).toBe("talsecret.yaml: the bundle is whole; its certificates are valid and match their keys.");
  expect(lines.join("\n")).not.toContain(bundle.certs.os.key);
  expect(lines.join("\n")).not.toContain("wire-key");
});

test("what does not resolve is told, and the bundle is not judged", async () => {
  const { lines, whole } = await check({ "op://homelab/talos/certs.os.key": undefined });
  expect(whole).toBe(false);
  expect(lines).toContain(
    "talsecret.yaml:23: certs.os.key: op://homelab/talos/certs.os.key does not resolve: there is no such item in the vault",
  );
  expect(lines.at(-1)).toMatch(/cannot be judged before all of it resolves/);
});

test("a patch's missing value fails a whole bundle", async () => {
  expect((await check({ "op://a/b/c": undefined })).whole).toBe(false);
});

test("a wrong bundle is told key by key", async () => {
  const { lines, whole } = await check({ "op://homelab/talos/certs.os.key": bundle.certs.k8s.key });
  expect(whole).toBe(false);
  expect(lines.at(-1)).toMatch(/certs\.os\.key: is not the key of its crt/);
});

test("without references there is nothing to do", async () => {
  const never = { resolveAll: () => Promise.reject(new Error("asked")) };
  expect(await checkSecrets({ apps: { manifests: [] }, cluster, template: undefined, patches: [] }, never)).toMatchObject({ whole: true });
});
