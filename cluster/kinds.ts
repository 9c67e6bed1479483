import type { KubernetesObject } from "./kubernetes-object.ts";
import { groupOf } from "./scope.ts";

/** Kinds that are never deleted, whatever is removed here: with them go volumes, or all that they stand for. */
const kept: readonly string[] = [
  "/Namespace",
  "/PersistentVolume",
  "/PersistentVolumeClaim",
  "apiextensions.k8s.io/CustomResourceDefinition",
  // Flux deletes what these two brought, namespaces and volumes among it.
  "kustomize.toolkit.fluxcd.io/Kustomization",
  "helm.toolkit.fluxcd.io/HelmRelease",
];

/** Kinds that the provider waits for until they run, are bound or have an address. */
const awaited: readonly string[] = [
  "/PersistentVolume",
  "/PersistentVolumeClaim",
  "/Pod",
  "/ReplicationController",
  "/Service",
  "apps/DaemonSet",
  "apps/Deployment",
  "apps/ReplicaSet",
  "apps/StatefulSet",
  "batch/Job",
  "networking.k8s.io/Ingress",
];

const kindOf = ({ apiVersion, kind }: KubernetesObject): string => `${groupOf(apiVersion)}/${kind}`;

export const isKept = (object: KubernetesObject): boolean => kept.includes(kindOf(object));

export const isAwaited = (object: KubernetesObject): boolean => awaited.includes(kindOf(object));
