import type { KubeConfig } from "@kubernetes/client-node";
import type { Declaration } from "../cluster/declaration.ts";
import { askApis } from "./api.ts";
import { listeningApis } from "./reach.ts";

/**
 * Looks which definitions of `lifecycle: bootstrap` releases the cluster has: what is there is not the stack's to set back, whoever made it. Where nobody
 * can say (no cluster yet, generated secrets), none is noted: one that is there and differs is then a conflict, and stays as it is too.
 */
export async function lookAtDefinitions(declaration: Declaration): Promise<Declaration> {
  const { clusterName, nodes, releases, secrets } = declaration;
  if (secrets.source !== "onepassword" || !releases.some(({ crds, lifecycle }) => crds && lifecycle === "bootstrap")) return declaration;
  const controlPlane = nodes.filter(({ role }) => role === "controlplane").map(({ address }) => address);
  const listening = await listeningApis(controlPlane);
  if (listening.length === 0) return declaration;
  const asked = await askApis(listening, { clusterName, bundle: secrets.bundle }, definitionsIn);
  if ("why" in asked) return declaration;
  const standing = (app: (typeof releases)[number]) =>
    app.archive.crds.map(({ metadata }) => metadata.name).filter((name) => asked.answer.has(name));
  return {
    ...declaration,
    releases: releases.map((app) => (app.lifecycle === "bootstrap" ? { ...app, standing: standing(app) } : app)),
  };
}

/** The names of all definitions in a cluster. Only their metadata are asked for: whole ones are megabytes. */
export async function definitionsIn(config: KubeConfig): Promise<Set<string>> {
  const { ApiextensionsV1Api, setHeaderOptions } = await import("@kubernetes/client-node");
  const metadata = setHeaderOptions("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
  const { items } = await config.makeApiClient(ApiextensionsV1Api).listCustomResourceDefinition({}, metadata);
  return new Set(items.flatMap(({ metadata }) => metadata?.name ?? []));
}
