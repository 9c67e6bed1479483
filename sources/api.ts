import type { KubeConfig } from "@kubernetes/client-node";
import { kubeconfigFor } from "../cluster/kubeconfig.ts";
import { apiServerAt } from "../cluster/ports.ts";
import type { Bundle } from "../cluster/secrets/bundle.ts";
import { within } from "../cluster/within.ts";
import { mintKubernetesClient } from "../operations/lib/script/client-certificates.ts";

/** How long a node's API server may take to answer, in milliseconds. */
const patience = 3_000;

/** What the first of several API servers answers that are asked at once, or why none does. The certificate that lets in is made of the bundle alone. */
export async function askApis<T>(
  addresses: readonly string[],
  { clusterName, bundle }: { clusterName: string; bundle: Bundle },
  question: (config: KubeConfig) => Promise<T>,
): Promise<{ answer: T } | { why: string }> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const credentials = mintKubernetesClient(bundle);
  const asked = addresses.map(async (address) => {
    const config = new KubeConfig();
    try {
      config.loadFromString(kubeconfigFor(clusterName, apiServerAt(address), await credentials));
      return await within(question(config), patience);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(`${apiServerAt(address)}: ${message.split("\n", 1)[0] || code}`); // a whole answer is told, of which the first line is enough
    }
  });
  try {
    return { answer: await Promise.any(asked) };
  } catch (error) {
    return { why: (error as AggregateError).errors.map((each: Error) => each.message).join("; ") };
  }
}
