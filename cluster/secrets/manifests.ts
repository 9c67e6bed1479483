import { isSecret, type ManifestFolder } from "../manifests.ts";
import { isMapping } from "../yaml.ts";
import { isReference, type Located, type Values } from "./references.ts";

/** The references in manifests: whole values in `stringData` of Secrets, which stay secret on their whole way into the cluster. */
export function secretReferences(folders: readonly ManifestFolder[]): Located[] {
  return folders.flatMap(({ objects }) =>
    objects.flatMap(({ where, content }) =>
      Object.entries(stringData(content)).flatMap(([key, value]) =>
        isReference(value) ? [{ reference: value, path: `${where}: stringData.${key}` }] : [],
      ),
    ),
  );
}

/** The manifests with each reference's value in its place. */
export function fillManifests(folders: readonly ManifestFolder[], values: Values): ManifestFolder[] {
  const filled = (content: unknown) => {
    const data = Object.entries(stringData(content)).map(([key, value]) => [key, isReference(value) ? values.get(value) : value]);
    return data.length > 0 ? { ...(content as object), stringData: Object.fromEntries(data) } : content;
  };
  return folders.map((folder) => ({
    ...folder,
    objects: folder.objects.map(({ where, content }) => ({ where, content: filled(content) })),
  }));
}

function stringData(content: unknown): Record<string, unknown> {
  return isMapping(content) && isSecret(content) && isMapping(content.stringData) ? content.stringData : {};
}
