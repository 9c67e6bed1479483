import type { App } from "../cluster/apps.ts";
import { recordOf, recordsIn, recordsToClear } from "../cluster/helm-records.ts";
import { within } from "../cluster/within.ts";

/** Deletes those of Helm's records that a killed run left and that stand in the way. A record that changes meanwhile, and any other trouble, is an error. */
export async function clearInterrupted(operation: "create" | "update", kubeconfig: string, app: App): Promise<string[]> {
  const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const { namespace } = app;
  const found = await within(recordsIn(api, app));
  const versions = new Map(
    found.map(({ metadata }) => [metadata?.name, { uid: metadata?.uid, resourceVersion: metadata?.resourceVersion }]),
  );
  const cleared = recordsToClear(operation, found.map(recordOf), app);
  for (const name of cleared) {
    await within(api.deleteNamespacedSecret({ namespace, name, body: { preconditions: versions.get(name) } }));
  }
  return cleared;
}
