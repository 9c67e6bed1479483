import { list } from "tar";
import { parseAllDocuments } from "yaml";
import type { CustomResourceDefinition } from "./charts.ts";

/** The custom resource definitions in the crds/ folders of a chart archive and of the charts inside it. */
export async function readChartCrds(archive: string): Promise<CustomResourceDefinition[]> {
  const files = new Map<string, Buffer[]>();
  await list({
    file: archive,
    filter: (path) => /^[^/]+\/(charts\/[^/]+\/)*crds\/.+\.ya?ml$/.test(path),
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      files.set(entry.path, chunks);
      entry.on("data", (chunk) => chunks.push(chunk));
    },
  });
  return [...files.keys()].sort().flatMap((path) =>
    parseAllDocuments(Buffer.concat(files.get(path) ?? []).toString("utf8")).flatMap((document) => {
      if (document.errors[0]) throw new Error(`${archive}: ${path} is not valid YAML: ${document.errors[0].message}`);
      const object = document.toJS() as { kind?: string } | null;
      return object?.kind === "CustomResourceDefinition" ? [object as CustomResourceDefinition] : [];
    }),
  );
}
