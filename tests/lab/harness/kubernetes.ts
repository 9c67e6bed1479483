/** What Kubernetes says of a lab's nodes and of a test's own pods. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Lab } from "./lab.ts";

interface Items<T> {
  readonly items: readonly T[];
}

interface KubernetesNode {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

/** Each Node by name: "Ready", "NotReady", with ", cordoned" where nothing new is scheduled. */
export async function kubernetesNodes(lab: Lab): Promise<Record<string, string>> {
  const { items } = await list<KubernetesNode>(lab, "nodes");
  return Object.fromEntries(
    items.map(({ metadata, spec, status }) => {
      const ready = status.conditions.find(({ type }) => type === "Ready")?.status === "True";
      return [metadata.name, `${ready ? "Ready" : "NotReady"}${spec.unschedulable ? ", cordoned" : ""}`];
    }),
  );
}

/** What `kubernetesNodes` says where all is well. */
export function allReady(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, "Ready"]));
}

interface Pod {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}

/** A Deployment of one pod that prefers a node, once its pod runs there. */
export async function tenant(lab: Lab, name: string, node: string): Promise<void> {
  const preference = { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] };
  const labels = { app: name };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] } },
          containers: [{ name, image: "registry.k8s.io/pause:3.10" }],
        },
      },
    },
  };
  const file = join(lab.folder, `${name}.yaml`);
  writeFileSync(file, stringify(deployment));
  await lab.output("kubectl", "apply", "--filename", file);
  await lab.output("kubectl", "rollout", "status", `deployment/${name}`, "--timeout=60s");
}

/** Where the pods of a tenant run. */
export async function runsOn(lab: Lab, name: string): Promise<string[]> {
  const { items } = await list<Pod>(lab, "pods", "--namespace=default", `--selector=app=${name}`);
  return items.filter(({ status }) => status.phase === "Running").map(({ spec }) => spec.nodeName ?? "");
}

async function list<T>(lab: Lab, ...what: readonly string[]): Promise<Items<T>> {
  return JSON.parse(await lab.output("kubectl", "get", ...what, "--output=json")) as Items<T>;
}
