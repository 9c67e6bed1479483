import type { App } from "../cluster/apps.ts";

/** The states in which Helm refuses to go on, and which it leaves behind when it is killed. */
const pendingStates = "pending-install,pending-upgrade,pending-rollback";

/**
 * Deletes Helm's record of an install or upgrade that was killed, as Helm's own documentation advises. Only one run at a time holds the
 * stack, so nothing is at work on it. A record that changes meanwhile, and any other trouble, is an error: then nothing is touched.
 */
export async function clearPendingRelease(kubeconfig: string, { namespace, name }: Pick<App, "namespace" | "name">): Promise<string[]> {
  const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const labelSelector = `owner=helm,name=${name},status in (${pendingStates})`;
  const { items } = await api.listNamespacedSecret({ namespace, labelSelector });
  const cleared: string[] = [];
  for (const { metadata } of items) {
    const record = metadata?.name;
    if (!record?.startsWith(`sh.helm.release.v1.${name}.v`))
      throw new Error(`${namespace}/${record} carries the labels of a Helm release, but not its name`);
    const preconditions = { uid: metadata?.uid, resourceVersion: metadata?.resourceVersion };
    await api.deleteNamespacedSecret({ namespace, name: record, body: { preconditions } });
    cleared.push(record);
  }
  return cleared;
}
