import { gunzipSync } from "node:zlib";
import type { V1Secret } from "@kubernetes/client-node";
import type { App } from "../cluster/apps.ts";
import { type ReleaseRecord, recordsToClear } from "../cluster/helm-records.ts";

/** Deletes those of Helm's records that a killed run left and that stand in the way. A record that changes meanwhile, and any other trouble, is an error. */
export async function clearInterrupted(operation: "create" | "update", kubeconfig: string, app: App): Promise<string[]> {
  const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const { namespace } = app;
  const { items } = await api.listNamespacedSecret({ namespace, labelSelector: `owner=helm,name=${app.name}` });
  const versions = new Map(
    items.map(({ metadata }) => [metadata?.name, { uid: metadata?.uid, resourceVersion: metadata?.resourceVersion }]),
  );
  const cleared = recordsToClear(operation, items.map(recordOf), app);
  for (const name of cleared) {
    await api.deleteNamespacedSecret({ namespace, name, body: { preconditions: versions.get(name) } });
  }
  return cleared;
}

/** Helm keeps a record as base64 of gzipped JSON, which the Secret holds in base64 once more. */
function recordOf({ metadata, data }: V1Secret): ReleaseRecord {
  const [secret = "", status = ""] = [metadata?.name, metadata?.labels?.status];
  if (status !== "deployed" || !data?.release) return { secret, status };
  const packed = Buffer.from(Buffer.from(data.release, "base64").toString("utf8"), "base64");
  const release = JSON.parse(gunzipSync(packed).toString("utf8")) as {
    chart: { metadata: { name: string; version: string } };
    config?: unknown;
  };
  return { secret, status, chart: release.chart.metadata, values: release.config };
}
