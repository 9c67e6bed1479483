import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Client, ItemCategory, ItemFieldType } from "@1password/sdk";
import { Document } from "yaml";
import { DeclarationError } from "../../cluster/problems.ts";
import { type Bundle, bundleSchema, bundleValues } from "../../cluster/secrets/bundle.ts";
import type { Template } from "../../cluster/secrets/template.ts";
import { parseYaml } from "../../cluster/yaml.ts";
import { exists } from "../../sources/files.ts";

/** What a template is written with where there is none yet. */
export interface NewTemplate {
  /** Whose it is. */
  stack: string;
  vault?: string;
  item: string;
}

/**
 * Writes the template that has a reference for each key of the bundle, unless one is there, which stays as it is.
 * Returns whether it did. Without a vault to refer to it is a DeclarationError.
 */
export function writeTemplate(root: string, file: string, bundle: Bundle, { stack, vault, item }: NewTemplate): boolean {
  if (exists(root, file)) return false;
  if (!vault) {
    const repair = `there is no such file; say in which vault a new one is to keep its values: npm run secrets -- init ${stack} --vault <vault>`;
    throw new DeclarationError(file, [{ path: "the file", repair }]);
  }
  const unnamable = [vault, item].find((name) => /[/?]/.test(name));
  if (unnamable) {
    throw new DeclarationError(file, [
      { path: "the file", value: unnamable, repair: "a reference cannot name it: it holds / or ?; use its ID" },
    ]);
  }
  const references = new Document({});
  for (const [key] of bundleValues(bundle)) references.setIn(key.split("."), `op://${vault}/${item}/${key}`);
  references.commentBefore =
    " The cluster's secrets, in the format of Talos's secrets.yaml: each value is kept in 1Password under its reference.\n" +
    ` \`npm run secrets -- check ${stack}\` says whether they are whole.`;
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), String(references), { flag: "wx" });
  return true;
}

/** Where a template keeps its bundle: one item, a field for each key. */
export interface Item {
  vault: string;
  item: string;
  section: string | undefined;
  fields: { title: string; value: string }[];
}

/** Lays a bundle out as the template refers to it. A template that one item cannot hold is a DeclarationError. */
export function itemOf({ file, text }: Template, bundle: Bundle): Item {
  const template = bundleSchema.safeParse(parseYaml(file, text));
  const refuse = (repair: string) => new DeclarationError(file, [{ path: "the file", repair }]);
  if (!template.success) throw refuse("is one reference; init fills an item with a field for each key");
  const values = new Map(bundleValues(bundle));
  const parts = bundleValues(template.data).map(([key, reference]) => ({ key, parts: reference.slice("op://".length).split("/") }));
  const folders = new Set(parts.map(({ parts }) => parts.slice(0, -1).join("/")));
  const titles = new Set(parts.map(({ parts }) => parts.at(-1)));
  const [vault = "", item = "", section] = [...folders][0]?.split("/") ?? [];
  if (folders.size !== 1 || titles.size !== parts.length)
    throw refuse("refers to several items or twice to one field; init fills one item, a field for each key");
  const fields = parts.map(({ key, parts }) => ({ title: parts.at(-1) as string, value: values.get(key) ?? "" }));
  if (fields.some(({ value }) => value === "")) throw refuse("has a key that a new bundle of this talosContract has not");
  return { vault, item, section, fields };
}

/** Writes a new item. One of that name that is there already stays as it is, and the call fails. */
export async function writeItem({ vault, item, section, fields }: Item, client: Pick<Client, "items" | "vaults">): Promise<void> {
  const refuse = (repair: string) => new DeclarationError("1Password", [{ path: `op://${vault}/${item}`, repair }]);
  const vaults = (await client.vaults.list()).filter(({ id, title }) => id === vault || title === vault);
  const [{ id: vaultId } = { id: "" }] = vaults;
  if (vaults.length !== 1)
    throw refuse(vaults.length === 0 ? "there is no such vault, or this account may not read it" : "several vaults have this name");
  if ((await client.items.list(vaultId)).some(({ id, title }) => id === item || title === item)) {
    throw refuse("is there already, and is not overwritten: a cluster may run with it");
  }
  // Without a section the SDK makes one that has no name.
  const inSection = section === undefined ? {} : { sectionId: section };
  await client.items.create({
    vaultId,
    title: item,
    category: "SecureNote" as ItemCategory,
    ...(section === undefined ? {} : { sections: [{ id: section, title: section }] }),
    fields: fields.map(({ title, value }) => ({ id: title, title, value, ...inSection, fieldType: "Concealed" as ItemFieldType })),
  });
}
