import { list } from "tar";
import { parseAllDocuments } from "yaml";
import type { CustomResourceDefinition } from "../cluster/kubernetes-object.ts";
import { DownloadError } from "./download.ts";

/**
 * The custom resource definitions of a chart archive and of the charts inside it: those in crds/ folders, and templates that are definitions.
 * A template's spec has to be plain YAML. What a template does around it (whether at all, which labels) is Helm's affair and left out.
 */
export async function readChartCrds(archive: string): Promise<CustomResourceDefinition[]> {
  const files = await readTextFiles(archive, /^[^/]+\/(charts\/[^/]+\/)*(crds|templates)\/.+\.ya?ml$/);
  return [...files.keys()].sort().flatMap((path) => {
    const text = files.get(path) ?? "";
    const isTemplate = !/^[^/]+\/(charts\/[^/]+\/)*crds\//.test(path);
    if (isTemplate && !/^kind: CustomResourceDefinition$/m.test(text)) return [];
    return definitionsIn(isTemplate ? withoutActions(text, archive, path) : text, archive, path);
  });
}

/** The name and version that a chart archive itself states. */
export async function readChartMetadata(archive: string): Promise<{ name?: string; version?: string }> {
  const [text] = (await readTextFiles(archive, /^[^/]+\/Chart\.yaml$/)).values();
  const metadata = parseAllDocuments(text ?? "")[0]?.toJS() as { name?: string; version?: string } | null | undefined;
  return metadata ?? {};
}

async function readTextFiles(archive: string, wanted: RegExp): Promise<Map<string, string>> {
  const chunks = new Map<string, Buffer[]>();
  await list({
    file: archive,
    filter: (path) => wanted.test(path),
    onReadEntry: (entry) => {
      const content: Buffer[] = [];
      chunks.set(entry.path, content);
      entry.on("data", (chunk) => content.push(chunk));
    },
  });
  return new Map([...chunks].map(([path, content]) => [path, Buffer.concat(content).toString("utf8")]));
}

function definitionsIn(text: string, archive: string, path: string): CustomResourceDefinition[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0]) throw new DownloadError(archive, `${path} is not valid YAML: ${document.errors[0].message.split("\n", 1)[0]}`);
    const object = document.toJS() as { kind?: string } | null;
    return object?.kind === "CustomResourceDefinition" ? [object as CustomResourceDefinition] : [];
  });
}

/** A definition's template without the lines that hold template actions. One inside a spec would change what the definition says: an error. */
function withoutActions(text: string, archive: string, path: string): string {
  let inSpec = false;
  return text
    .split("\n")
    .filter((line) => {
      if (/^[a-z-]/i.test(line)) inSpec = line.startsWith("spec:");
      if (!line.includes("{{")) return true;
      // The end of a condition around the whole definition stands behind its spec, at the margin.
      if (inSpec && !/^\{\{-? *end *-?\}\}\s*$/.test(line)) {
        throw new DownloadError(archive, `the definition in ${path} is templated in its spec; say crds: false and leave it to Helm`);
      }
      return false;
    })
    .join("\n");
}
