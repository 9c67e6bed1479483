import type { App } from "./apps.ts";
import type { CustomResourceDefinition, KubernetesObject } from "./kubernetes-object.ts";
import { DeclarationError, type Problem } from "./problems.ts";
import { groupOf, scopeOf } from "./scope.ts";
import { isReference, malformed as malformedReference } from "./secrets/references.ts";
import { isMapping } from "./yaml.ts";

/** One YAML document and where it begins: `apps/demo/manifests/key.yaml:3:1`. */
export interface Document {
  where: string;
  content: unknown;
}

/** A folder of manifests: `apps/<namespace>/manifests`, or `apps/<namespace>/<release>/after`. */
interface Folder<T> {
  namespace: string;
  /** The release that has to be ready first. */
  release?: Pick<App, "name" | "lifecycle">;
  objects: T[];
}
export type ManifestFolder = Folder<Document>;
export type Manifests = Folder<KubernetesObject>;

/**
 * The objects of all folders, each in its folder's namespace unless its kind lives in none. Kinds that neither Kubernetes nor one of the
 * `definitions` explains are taken as written: without a namespace they are the cluster's. While the definitions are not known yet, such
 * objects in two folders may be two. Throws one DeclarationError with all that is wrong.
 */
export function declareManifests(folders: readonly ManifestFolder[], definitions?: readonly CustomResourceDefinition[]): Manifests[] {
  const problems: Problem[] = folders.flatMap(({ objects, namespace }) => objects.flatMap((document) => malformed(document, namespace)));
  if (problems.length > 0) throw new DeclarationError("apps", problems);

  const own = folders.flatMap(({ objects }) => objects.map(({ content }) => content as KubernetesObject)).filter(isDefinition);
  const charts = definitions ?? [];
  const known = [...charts, ...own];
  const seen = new Map(charts.map((definition) => [identityOf(definition), "the chart of a release with crds: true"]));
  const declared = folders.map((folder) => ({
    ...folder,
    objects: folder.objects.map(({ where, content }) => {
      const object = content as KubernetesObject;
      const scope = scopeOf(object.apiVersion, object.kind, known);
      if (scope === "cluster" && object.metadata.namespace !== undefined) {
        problems.push({
          path: `${where}: metadata.namespace`,
          value: object.metadata.namespace,
          repair: `a ${object.kind} lives in no namespace; remove it`,
        });
      }
      const placed = scope === "namespaced" ? { ...object, metadata: { ...object.metadata, namespace: folder.namespace } } : object;
      const identity = identityOf(placed) + (scope === "unknown" && !definitions ? `/${folder.namespace}` : "");
      const first = seen.get(identity);
      if (first) problems.push({ path: where, repair: `${describe(placed)} is declared before, by ${first}` });
      seen.set(identity, where);
      return placed;
    }),
  }));
  if (problems.length > 0) throw new DeclarationError("apps", problems);
  return declared;
}

export function isDefinition(object: KubernetesObject): object is CustomResourceDefinition {
  return groupOf(object.apiVersion) === "apiextensions.k8s.io" && object.kind === "CustomResourceDefinition";
}

/** What is wrong with a document by itself. */
function malformed({ where, content }: Document, namespace: string): Problem[] {
  if (!isMapping(content)) return [{ path: where, repair: "is not a Kubernetes object, which has apiVersion, kind and metadata" }];
  const { apiVersion, kind, metadata } = content;
  const problems: Problem[] = [];
  if (typeof apiVersion !== "string" || !/^([a-z0-9.-]+\/)?v\d+((alpha|beta)\d+)?$/.test(apiVersion)) {
    problems.push({ path: `${where}: apiVersion`, value: apiVersion, repair: "expected a version such as v1 or apps/v1" });
  }
  if (typeof kind !== "string" || !/^[A-Z][A-Za-z0-9]*$/.test(kind)) {
    problems.push({ path: `${where}: kind`, value: kind, repair: "expected a kind such as ConfigMap" });
  } else if (kind === "List") {
    return [{ path: `${where}: kind`, value: kind, repair: "write its items as documents of their own, with --- between them" }];
  } else if (kind === "Namespace" && apiVersion === "v1") {
    return [{ path: `${where}: kind`, value: kind, repair: "a namespace is a directory under apps/; its namespace.yaml adds labels" }];
  }
  if (!isMapping(metadata) || typeof metadata.name !== "string" || metadata.name === "") {
    problems.push({
      path: `${where}: metadata.name`,
      repair: "is missing: every object is named, so that the next run finds it again",
    });
  } else if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    problems.push({
      path: `${where}: metadata.namespace`,
      value: metadata.namespace,
      repair: `differs from its folder's, ${namespace}; move the file or remove the line`,
    });
  }
  return [...problems, ...strayReferences(where, content)];
}

/** A reference to 1Password anywhere but in `stringData` of a Secret would arrive in the cluster as it is. */
function strayReferences(where: string, { stringData, ...others }: Record<string, unknown>): Problem[] {
  if (!isSecret(others) || !isMapping(stringData)) return mentions({ ...others, stringData }, where, "");
  const written = Object.entries(stringData).filter(([, value]) => isReference(value));
  const rest = Object.entries(stringData).filter(([, value]) => !isReference(value));
  return [
    ...mentions({ ...others, stringData: Object.fromEntries(rest) }, where, ""),
    ...written.flatMap(([key, value]) => {
      const repair = malformedReference(value as string);
      return repair ? [{ path: `${where}: stringData.${key}`, repair }] : [];
    }),
  ];
}

function mentions(value: unknown, where: string, path: string): Problem[] {
  if (typeof value === "string") {
    if (!value.includes("op://")) return [];
    return [{ path: `${where}: ${path}`, repair: "op:// may be a whole value in stringData of a Secret; elsewhere it is not resolved" }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => mentions(item, where, `${path}[${index}]`));
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...mentions(key, where, path),
    ...mentions(item, where, path ? `${path}.${key}` : key),
  ]);
}

/** By which the API tells objects apart: the version of its group is not part of it. */
function identityOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return [groupOf(apiVersion), kind, metadata.namespace ?? "", metadata.name].join("/");
}

function describe({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

export function isSecret({ apiVersion, kind }: Record<string, unknown>): boolean {
  return apiVersion === "v1" && kind === "Secret";
}
