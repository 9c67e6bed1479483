import type { DeclaredSecrets } from "../../cluster/declaration.ts";
import type { ManifestFolder } from "../../cluster/manifests.ts";
import type { PatchFile } from "../../cluster/patches.ts";
import type { Cluster } from "../../cluster/schema.ts";
import { fillManifests, secretReferences } from "../../cluster/secrets/manifests.ts";
import { fill, type Located, referencesIn } from "../../cluster/secrets/references.ts";
import { bundleOf, parseTemplate, type Template } from "../../cluster/secrets/template.ts";
import { readText } from "../files.ts";
import { fileOfValues } from "./file.ts";
import { onePassword } from "./onepassword.ts";
import { resolve } from "./resolve.ts";
import type { SecretStore } from "./store.ts";

/** Where a cluster's secrets come from, as its configuration says it. */
export type Settings = Cluster["secrets"];

/** The committed secrets file of a cluster that has one. */
export function readTemplate(root: string, secrets: Settings): Template | undefined {
  if (secrets.source !== "onepassword") return undefined;
  return parseTemplate(secrets.template, readText(root, secrets.template, "secrets.template"));
}

/** 1Password, or in the lab its file of values. */
export function storeOf(secrets: Settings, environment: NodeJS.ProcessEnv = process.env): SecretStore {
  const { PHOEBE_SECRETS_FILE: file, OP_SERVICE_ACCOUNT_TOKEN: token } = environment;
  if (file) return fileOfValues(file);
  return onePassword({ token, account: secrets.source === "onepassword" ? secrets.account : undefined });
}

/** What holds references, as it was written. */
export interface Referring {
  cluster: Pick<Cluster, "secrets" | "patches">;
  template: Template | undefined;
  patches: readonly PatchFile[];
  apps: { manifests: readonly ManifestFolder[] };
}

/** Every reference of a stack, with its place. */
export function referencesOf({ cluster, template, patches, apps }: Referring): Located[] {
  return [...(template?.references ?? []), ...patchReferences({ cluster, patches }), ...secretReferences(apps.manifests)];
}

function patchReferences({ cluster, patches }: Pick<Referring, "cluster" | "patches">): Located[] {
  return patches.flatMap(({ path, text }) => referencesIn(`${cluster.patches}/${path}`, text));
}

/** The cluster's secrets, its patches and manifests with all values in their places, after one call for all of them. */
export async function readSecrets(
  { cluster, template, patches, apps }: Referring,
  store = storeOf(cluster.secrets),
): Promise<{ secrets: DeclaredSecrets; patches: PatchFile[]; manifests: ManifestFolder[]; secretValues: string[] }> {
  const values = await resolve(referencesOf({ cluster, template, patches, apps }), store);
  return {
    secrets: template ? { source: "onepassword", bundle: bundleOf(template, values) } : { source: "generated" },
    patches: patches.map((file) => ({ ...file, text: fill(file.text, values) })),
    manifests: fillManifests(apps.manifests, values),
    secretValues: [...new Set(patchReferences({ cluster, patches }).flatMap(({ reference }) => values.get(reference) ?? []))],
  };
}
