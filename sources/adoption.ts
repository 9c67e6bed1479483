import { adoptionProblem } from "../cluster/adoption.ts";
import { appKey } from "../cluster/apps.ts";
import { type ReleaseRecord, recordOf } from "../cluster/helm-records.ts";
import { kubeconfigFor } from "../cluster/kubeconfig.ts";
import { apiServerAt } from "../cluster/ports.ts";
import { DeclarationError } from "../cluster/problems.ts";
import { mintKubernetesClient } from "../cluster/secrets/kubernetes-client.ts";
import { tellOrigins } from "./chart-origins.ts";
import type { Declaration, DeclaredApp } from "./load.ts";

/** How long a node's API server may take to answer, in milliseconds. */
const patience = 3_000;

/** A release that is to be adopted, with Helm's records of it. */
export interface Found {
  app: DeclaredApp;
  records: ReleaseRecord[];
}

/**
 * Looks at the releases that are to be adopted before anything is imported: an import shows their values.
 * Throws a DeclarationError for each that is not there, is in disorder, or seems to hold secrets. What changes things has to know;
 * a preview that cannot ask imports nothing and gets a note in place of it.
 */
export async function lookAtAdopted(
  root: string,
  declaration: Declaration,
  isPreview: boolean,
): Promise<{ declaration: Declaration; unseen?: string }> {
  const { adopt } = declaration;
  if (adopt.length === 0) return { declaration };
  const adopting = (idOf: (app: DeclaredApp) => string | undefined): Declaration => ({
    ...declaration,
    releases: declaration.releases.map((app) => (adopt.includes(appKey(app)) ? { ...app, adopted: { id: idOf(app) } } : app)),
  });
  const answer = await ask(declaration);
  if ("why" in answer) {
    const what = `Which of the releases under adopt run in the cluster is not known: ${answer.why}.`;
    if (!isPreview) {
      const repair = `${what} Nothing was changed; if they are adopted already, the key may go`;
      throw new DeclarationError("configuration", [{ path: "adopt", repair }]);
    }
    return {
      declaration: adopting(() => undefined),
      unseen: `${what} Such a release that this preview shows as created will be adopted.`,
    };
  }
  const problems = answer.found.flatMap(({ app, records }) => adoptionProblem(app, records, declaration) ?? []);
  if (problems.length > 0) throw new DeclarationError("configuration", problems);
  tellOrigins(root, declaration.clusterName, answer.found);
  return { declaration: adopting(appKey) };
}

/** Asks all control plane nodes at once; the first that answers will do. */
async function ask({ nodes, clusterName, secrets, releases, adopt }: Declaration): Promise<{ found: Found[] } | { why: string }> {
  if (secrets.source !== "onepassword") throw new Error("adopt without a bundle was refused before");
  const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const credentials = await mintKubernetesClient(secrets.bundle);
  const apps = releases.filter((app) => adopt.includes(appKey(app)));
  const recordsAt = async (address: string) => {
    const config = new KubeConfig();
    config.loadFromString(kubeconfigFor(clusterName, apiServerAt(address), credentials));
    const api = config.makeApiClient(CoreV1Api);
    return Promise.all(
      apps.map(async (app) => {
        const labelSelector = `owner=helm,name=${app.name}`;
        const { items } = await api.listNamespacedSecret({ namespace: app.namespace, labelSelector });
        return { app, records: items.map(recordOf) };
      }),
    );
  };
  const addresses = nodes.filter(({ role }) => role === "controlplane").map(({ address }) => address);
  try {
    return { found: await Promise.any(addresses.map((address) => within(patience, address, recordsAt(address)))) };
  } catch (error) {
    return { why: (error as AggregateError).errors.map((each: Error) => each.message).join("; ") };
  }
}

/** The client knows no limit of its own. Its errors tell whole answers, of which the first line is enough. */
async function within<T>(milliseconds: number, address: string, asked: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(milliseconds);
  const over = new Promise<never>((_, reject) => {
    late.addEventListener("abort", () => reject(new Error(`no answer within ${milliseconds / 1000} s`)), { once: true });
  });
  try {
    return await Promise.race([asked, over]);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${apiServerAt(address)}: ${message.split("\n", 1)[0] || code}`);
  }
}
