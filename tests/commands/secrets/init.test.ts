import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@1password/sdk";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import type { Bundle } from "../../../cluster/secrets/bundle.ts";
import { parseTemplate } from "../../../cluster/secrets/template.ts";
import { itemOf, writeItem, writeTemplate } from "../../../commands/secrets/init.ts";
import { changed, makeBundle, templateOf } from "../../cluster/secrets/fixtures.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await makeBundle();
});
const template = (changes: Record<string, string> = {}) => {
  const whole = Object.entries(changes).reduce((made, [key, value]) => changed(made, key, value), templateOf(bundle).template);
  return parseTemplate("talsecret.yaml", stringify(whole));
};

/** A vault that keeps what it is given. */
function vault(items: string[] = [], vaults = ["homelab"]) {
  const created: { title: string; fields: { title: string; value: string; fieldType: string }[] }[] = [];
  const client = {
    vaults: { list: async () => vaults.map((title) => ({ id: `${title}-id`, title })) },
    items: {
      list: async () => items.map((title) => ({ id: `${title}-id`, title })),
      create: async (item: (typeof created)[number]) => created.push(item),
    },
  } as unknown as Pick<Client, "items" | "vaults">;
  return { client, created };
}

test("each key of the bundle is a concealed field, where the template looks for it", async () => {
  const { client, created } = vault();
  await writeItem(itemOf(template(), bundle), client);
  expect(created).toHaveLength(1);
  expect(created[0]).toMatchObject({ vaultId: "homelab-id", title: "talos" });
  const fields = new Map(created[0]?.fields.map(({ title, value }) => [`op://homelab/talos/${title}`, value]));
  expect(fields).toEqual(templateOf(bundle).values);
  expect(new Set(created[0]?.fields.map(({ fieldType }) => fieldType))).toEqual(new Set(["Concealed"]));
});

test("an item that is there stays as it is", async () => {
  const { client, created } = vault(["talos"]);
  await expect(writeItem(itemOf(template(), bundle), client)).rejects.toThrow(
    /op:\/\/homelab\/talos: is there already, and is not overwritten/,
  );
  expect(created).toEqual([]);
});

test("a vault that is not there, or twice, is told", async () => {
  await expect(writeItem(itemOf(template(), bundle), vault([], []).client)).rejects.toThrow(/there is no such vault/);
  await expect(writeItem(itemOf(template(), bundle), vault([], ["homelab", "homelab"]).client)).rejects.toThrow(/several vaults/);
});

test("a template that one item cannot hold is refused", () => {
  expect(() => itemOf(template({ "trustdinfo.token": "op://homelab/other/token" }), bundle)).toThrow(/refers to several items/);
  expect(() => itemOf(template({ "trustdinfo.token": "op://homelab/talos/certs.os.key" }), bundle)).toThrow(/twice to one field/);
  expect(() => itemOf(parseTemplate("talsecret.yaml", "op://a/b/c"), bundle)).toThrow(/is one reference/);
  expect(() => itemOf(template({ "secrets.aescbcencryptionsecret": "op://homelab/talos/old" }), bundle)).toThrow(/a new bundle .* has not/);
});

test("a template that is not there is written, as the one to which the new item belongs; one that is there stays", async () => {
  const root = mkdtempSync(join(tmpdir(), "phoebe-init-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const file = "stacks/mine/talsecret.yaml";
  const write = (vault?: string, item = "talos") =>
    writeTemplate(root, file, bundle, { stack: "mine", item, ...(vault === undefined ? {} : { vault }) });
  const text = () => readFileSync(join(root, file), "utf8");

  expect(() => write()).toThrow(/there is no such file; say in which vault .* init mine --vault <vault>/);
  expect(() => write("home/lab")).toThrow(/a reference cannot name it/);
  expect(write("homelab")).toBe(true);
  expect(text()).toContain("npm run secrets -- check mine");
  const { client, created } = vault();
  await writeItem(itemOf(parseTemplate(file, text()), bundle), client);
  expect(new Map(created[0]?.fields.map(({ title, value }) => [`op://homelab/talos/${title}`, value]))).toEqual(templateOf(bundle).values);

  writeFileSync(join(root, file), "mine");
  expect(write("homelab")).toBe(false);
  expect(text()).toBe("mine");
});
