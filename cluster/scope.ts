import type { CustomResourceDefinition } from "./kubernetes-object.ts";

/** Whether objects of a kind live in a namespace; `unknown` of a kind whose definition is not declared here. */
export type Scope = "namespaced" | "cluster" | "unknown";

/** The API groups that Kubernetes serves itself. */
const builtInGroups = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/** Those of their kinds that live in no namespace. */
const clusterScoped = new Set([
  "APIService",
  "CSIDriver",
  "CSINode",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterTrustBundle",
  "CustomResourceDefinition",
  "DeviceClass",
  "DeviceTaintRule",
  "FlowSchema",
  "IPAddress",
  "IngressClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "ResourceSlice",
  "RuntimeClass",
  "ServiceCIDR",
  "StorageClass",
  "StorageVersionMigration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
]);

/** `apps` of `apps/v1`, and the empty group of `v1`. */
export const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "");

export function scopeOf(apiVersion: string, kind: string, definitions: readonly CustomResourceDefinition[]): Scope {
  const group = groupOf(apiVersion);
  if (builtInGroups.has(group)) return clusterScoped.has(kind) ? "cluster" : "namespaced";
  const definition = definitions.find(({ spec }) => spec.group === group && (spec.names as { kind?: unknown } | undefined)?.kind === kind);
  if (!definition) return "unknown";
  return definition.spec.scope === "Cluster" ? "cluster" : "namespaced";
}
