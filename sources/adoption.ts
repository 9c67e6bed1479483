import { adoptionProblem } from "../cluster/adoption.ts";
import { appKey } from "../cluster/apps.ts";
import type { Declaration, DeclaredApp } from "../cluster/declaration.ts";
import { type ReleaseRecord, recordOf, recordsIn } from "../cluster/helm-records.ts";
import { DeclarationError } from "../cluster/problems.ts";
import { askApis } from "./api.ts";
import { tellOrigins } from "./chart-origins.ts";

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
  const asked = await ask(declaration);
  if ("why" in asked) {
    const what = `Which of the releases under adopt run in the cluster is not known: ${asked.why}.`;
    if (!isPreview) {
      const repair = `${what} Nothing was changed; if they are adopted already, the key may go`;
      throw new DeclarationError("configuration", [{ path: "adopt", repair }]);
    }
    return {
      declaration: adopting(() => undefined),
      unseen: `${what} Such a release that this preview shows as created will be adopted.`,
    };
  }
  const problems = asked.answer.flatMap(({ app, records }) => adoptionProblem(app, records, declaration) ?? []);
  if (problems.length > 0) throw new DeclarationError("configuration", problems);
  tellOrigins(root, declaration.clusterName, asked.answer);
  return { declaration: adopting(appKey) };
}

async function ask({ nodes, clusterName, secrets, releases, adopt }: Declaration): Promise<{ answer: Found[] } | { why: string }> {
  if (secrets.source !== "onepassword") throw new Error("adopt without a bundle was refused before");
  const { CoreV1Api } = await import("@kubernetes/client-node");
  const apps = releases.filter((app) => adopt.includes(appKey(app)));
  const addresses = nodes.filter(({ role }) => role === "controlplane").map(({ address }) => address);
  return askApis(addresses, { clusterName, bundle: secrets.bundle }, (config) => {
    const api = config.makeApiClient(CoreV1Api);
    return Promise.all(apps.map(async (app) => ({ app, records: (await recordsIn(api, app)).map(recordOf) })));
  });
}
