/** An object for the Kubernetes API, as YAML says it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** A custom resource definition, as a chart or a manifest carries it. */
export interface CustomResourceDefinition extends KubernetesObject {
  kind: "CustomResourceDefinition";
  spec: Record<string, unknown>;
}
